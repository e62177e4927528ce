// One pass over a chunk of a stream.
#include <initializer_list>
#include <utility>

#include "adapters/json_cursor.h"
#include "adapters/openai_reply.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

// Keys that matter and stand once in an object.
class Once {
 public:
  explicit Once(bool* twice) : twice_(twice) {}
  void See(unsigned bit) {
    if ((seen_ & (1U << bit)) != 0) *twice_ = true;
    seen_ |= 1U << bit;
  }

 private:
  bool* twice_;
  unsigned seen_ = 0;
};

class ChunkScanner {
 public:
  ChunkScanner(std::string_view json, OpenAiChunk* chunk)
      : begin_(json.data()), cursor_(json), chunk_(*chunk), root_(&chunk->twice) {}

  bool Run() {
    const auto member = [this](std::string_view key) { return Member(key); };
    return cursor_.Peek() == '{' && cursor_.Object(member) && cursor_.AtEnd();
  }

 private:
  bool Member(std::string_view key) {
    if (key == "choices") {
      root_.See(0);
      return Choices();
    }
    if (key == "model") {
      root_.See(1);
      return Model();
    }
    if (key == "usage") {
      root_.See(2);
      return UsageMember();
    }
    if (key == "object" || key == "type") return KindMember();
    return key == "error" ? ErrorMember() : cursor_.Skip();
  }

  // Some servers' errors stand in the place of a chunk.
  bool KindMember() {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    chunk_.has_error = chunk_.has_error || raw == R"("error")";
    return true;
  }

  bool ErrorMember() {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    chunk_.has_error = chunk_.has_error || raw != "null";
    return true;
  }

  bool Model() {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    if (!raw.starts_with('"')) return true;
    chunk_.model_begin = static_cast<std::size_t>(raw.data() - begin_);
    chunk_.model_end = chunk_.model_begin + raw.size();
    return true;
  }

  bool Choices() {
    if (cursor_.Peek() != '[') return cursor_.Skip();
    chunk_.has_choices = true;
    return cursor_.Array([this] {
      ++chunk_.choices;
      return cursor_.Peek() == '{' ? Choice() : cursor_.Skip();
    });
  }

  bool Choice() {
    const std::size_t first = chunk_.calls.size();
    std::int64_t index = 0;
    Once once(&chunk_.twice);
    bool bare = true;
    const bool fine = cursor_.Object([&](std::string_view key) {
      if (key == "index") return cursor_.Int(&index);
      if (key == "text" || key == "message" || (key == "delta" && cursor_.Peek() == '{')) {
        bare = false;
      }
      return ChoiceMember(key, &once);
    });
    chunk_.bare = chunk_.bare || bare;
    for (std::size_t i = first; i < chunk_.calls.size(); ++i) chunk_.calls[i].choice = index;
    return fine;
  }

  bool ChoiceMember(std::string_view key, Once* once) {
    if (key == "delta") {
      once->See(0);
      return Delta();
    }
    if (key == "finish_reason") {
      once->See(1);
      return FinishReason();
    }
    if (key == "text") return Text(&chunk_.content_bytes);  // of a legacy completion
    return key == "error" ? ErrorMember() : cursor_.Skip();
  }

  bool FinishReason() {
    if (cursor_.Peek() != '"') return cursor_.Skip();
    std::string_view reason;
    if (!cursor_.String(&reason)) return false;
    if (chunk_.finish_reason.empty()) chunk_.finish_reason = reason;
    chunk_.has_error = chunk_.has_error || reason == "error";
    return true;
  }

  bool Delta() {
    if (cursor_.Peek() != '{') return cursor_.Skip();
    Once once(&chunk_.twice);
    return cursor_.Object([&](std::string_view key) {
      if (key == "content") once.See(0);
      if (key == "tool_calls") once.See(1);
      if (key == "role") return cursor_.Skip();
      if (key == "tool_calls" && cursor_.Peek() == '[') return Calls();
      return key == "content" ? Text(&chunk_.content_bytes) : Text(&chunk_.other_bytes);
    });
  }

  // A string, or any other value that is not null or empty.
  bool Text(std::size_t* bytes) {
    if (cursor_.Peek() == '"') {
      std::string_view inner;
      if (!cursor_.String(&inner)) return false;
      *bytes += DecodedSize(inner);
      chunk_.says = chunk_.says || !inner.empty();
      return true;
    }
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    const bool nested = raw.starts_with('[') || raw.starts_with('{');
    chunk_.says = chunk_.says || (nested && raw.size() > 2);
    return true;
  }

  bool Calls() {
    return cursor_.Array([this] {
      if (cursor_.Peek() != '{') return cursor_.Skip();
      chunk_.says = true;
      CallPiece piece;
      const bool fine = cursor_.Object([&](std::string_view key) {
        if (key == "index") return cursor_.Int(&piece.index);
        if (key != "function" || cursor_.Peek() != '{') return cursor_.Skip();
        return cursor_.Object([&](std::string_view inner) { return Function(inner, &piece); });
      });
      chunk_.other_bytes += piece.argument_bytes;
      chunk_.calls.push_back(piece);
      return fine;
    });
  }

  bool Function(std::string_view key, CallPiece* piece) {
    if (key != "arguments" || cursor_.Peek() != '"') return cursor_.Skip();
    std::string_view inner;
    if (!cursor_.String(&inner)) return false;
    piece->argument_bytes += DecodedSize(inner);
    return true;
  }

  bool UsageMember() {
    if (cursor_.Peek() != '{') return cursor_.Skip();
    Usage usage;
    bool counted = false;
    const bool fine = cursor_.Object([&](std::string_view key) {
      counted = counted || key == "prompt_tokens";
      if (key == "prompt_tokens") return cursor_.Int(&usage.prompt_tokens);
      if (key == "completion_tokens") return cursor_.Int(&usage.completion_tokens);
      if (key == "prompt_cache_hit_tokens") return cursor_.Int(&usage.cached_tokens);
      if (key == "prompt_tokens_details") {
        return Details(
            {{"cached_tokens", &usage.cached_tokens}, {"image_tokens", &usage.image_tokens}});
      }
      if (key == "completion_tokens_details") {
        return Details({{"reasoning_tokens", &usage.reasoning_tokens}});
      }
      return cursor_.Skip();
    });
    usage.estimated = false;
    if (counted) chunk_.usage = usage;
    return fine;
  }

  using Counts = std::initializer_list<std::pair<std::string_view, std::int64_t*>>;
  bool Details(Counts counts) {
    if (cursor_.Peek() != '{') return cursor_.Skip();
    return cursor_.Object([&](std::string_view key) {
      for (const auto& [wanted, count] : counts) {
        if (key == wanted) return cursor_.Int(count);
      }
      return cursor_.Skip();
    });
  }

  const char* begin_;
  JsonCursor cursor_;
  OpenAiChunk& chunk_;
  Once root_;
};

}  // namespace

bool ScanOpenAiChunk(std::string_view json, OpenAiChunk* chunk) {
  return utf8::IsValid(json) && ChunkScanner(json, chunk).Run();
}

}  // namespace moerge
