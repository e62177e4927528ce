// One pass over a chunk of a stream.
#include "adapters/finish_reason.h"
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
    if (key == "x_groq" && cursor_.Peek() == '{') {
      return cursor_.Object([this](std::string_view inner) {
        if (inner == "usage") return UsageMember();
        return inner == "error" ? ErrorMember() : cursor_.Skip();
      });
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
    bool chat = false;
    std::size_t text = 0;  // of a legacy completion; some servers repeat a delta's there
    const bool fine = cursor_.Object([&](std::string_view key) {
      if (key == "index") return cursor_.Int(&index);
      if (key == "delta" && cursor_.Peek() == '{') chat = true;
      if (key == "text" || key == "message") bare = false;
      return key == "text" ? Text(&text) : ChoiceMember(key, &once);
    });
    if (!chat) chunk_.content_bytes += text;
    chunk_.bare = chunk_.bare || (bare && !chat);
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
    return key == "error" ? ErrorMember() : cursor_.Skip();
  }

  bool FinishReason() {
    if (cursor_.Peek() != '"') return cursor_.Skip();
    std::string_view reason;
    if (!cursor_.String(&reason)) return false;
    if (chunk_.finish_reason.empty()) chunk_.finish_reason = reason;
    const std::string_view plain = PlainFinishReason(reason);
    chunk_.has_error = chunk_.has_error || plain == kFailedReason;
    chunk_.odd = chunk_.odd || reason.empty() || plain != reason;
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
      const bool nested = cursor_.Peek() == '[' || cursor_.Peek() == '{';
      chunk_.odd = chunk_.odd || (nested && (key == "content" || key == "tool_calls"));
      return key == "content" ? Text(&chunk_.content_bytes) : Text(&chunk_.other_bytes);
    });
  }

  // A string, or any other value that is not null or empty.
  bool Text(std::size_t* bytes) {
    if (cursor_.Peek() == '"') {
      std::string_view inner;
      if (!cursor_.String(&inner)) return false;
      if (inner.empty()) return true;
      *bytes += DecodedSize(inner);
      chunk_.says = true;
      ++chunk_.texts;
      chunk_.text = inner;
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
        if (key == "id") return Id(&piece.id);
        if (key == "type") return Said(&piece.typed);
        if (key != "function" || cursor_.Peek() != '{') return cursor_.Skip();
        return cursor_.Object([&](std::string_view inner) { return Function(inner, &piece); });
      });
      chunk_.other_bytes += piece.argument_bytes;
      chunk_.calls.push_back(piece);
      return fine;
    });
  }

  // A string that is not empty.
  bool Said(bool* said) {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    *said = raw.size() > 2 && raw.starts_with('"');
    return true;
  }

  bool Id(std::string_view* id) {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    if (raw != "null" && raw != R"("")") *id = raw;
    return true;
  }

  bool Function(std::string_view key, CallPiece* piece) {
    if (key == "name") return Said(&piece->named);
    if (key != "arguments" || cursor_.Peek() != '"') return cursor_.Skip();
    std::string_view inner;
    if (!cursor_.String(&inner)) return false;
    piece->argument_bytes += DecodedSize(inner);
    return true;
  }

  // Once in a stream, mostly, so that it may be read like that of a whole reply.
  bool UsageMember() {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    if (!raw.starts_with('{')) return true;
    const auto document = json::Document::Parse(raw);
    chunk_.twice = chunk_.twice || !document;
    if (!document) return true;
    if (const auto usage = ReadUsage(document->root())) chunk_.usage = usage;
    return true;
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
