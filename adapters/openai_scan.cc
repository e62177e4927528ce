// One pass over a chunk of a stream.
#include <algorithm>

#include "adapters/error_detail.h"
#include "adapters/finish_reason.h"
#include "adapters/json_cursor.h"
#include "adapters/openai_choices.h"
#include "adapters/openai_reply.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

bool SaysError(std::string_view raw) {
  const auto document = json::Document::Parse(raw);
  return !document || IsError(document->root());
}

// What else chunks say of themselves.
constexpr std::string_view kOwnMembers[] = {"system_fingerprint", "service_tier", "obfuscation",
                                            "provider"};

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
    const bool fine = cursor_.Peek() == '{' && cursor_.Object(member) && cursor_.AtEnd();
    const bool chunk = chunk_.has_choices || chunk_.usage;
    if (chunk && !chunk_.legacy) chunk_.odd = chunk_.odd || !Framed();
    return fine;
  }

 private:
  // Whether what a chunk says of itself is as it should be.
  bool Framed() const {
    const bool named =
        object_ == R"("chat.completion.chunk")" || (object_ == R"("text_completion")" && !chat_);
    return named && has_id_ && dated_ && chunk_.model_end > 0;
  }

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
    if (key == "object" || key == "type") return KindMember(key);
    if (key == "id") return IdMember();
    if (key == "created") return DateMember();
    if (key == "error") return ErrorMember();
    chunk_.more = chunk_.more || std::ranges::find(kOwnMembers, key) == std::end(kOwnMembers);
    return cursor_.Skip();
  }

  // Some servers' errors stand in the place of a chunk.
  bool KindMember(std::string_view key) {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    if (key == "object") object_ = raw;
    chunk_.has_error = chunk_.has_error || raw == R"("error")";
    return true;
  }

  bool ErrorMember() {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    if (raw == "null") return true;
    chunk_.has_error = chunk_.has_error || SaysError(raw);
    chunk_.odd = true;
    return true;
  }

  bool IdMember() {
    has_id_ = cursor_.Peek() == '"';
    return has_id_ ? cursor_.String(&chunk_.id) : cursor_.Skip();
  }

  bool DateMember() {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    dated_ = raw.find_first_not_of("0123456789") == raw.npos;
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
    bool ends = false;     // it says whether it does
    bool ended = false;
    index = -1;
    const bool fine = cursor_.Object([&](std::string_view key) {
      if (key == "index") return cursor_.Int(&index);
      if (key == "delta" && cursor_.Peek() == '{') chat = true;
      ends = ends || key == "finish_reason";
      if (key == "text" || key == "message") bare = false;
      if (key == "finish_reason") return FinishReason(&once, &ended);
      return key == "text" ? Text(&text) : ChoiceMember(key, &once);
    });
    if (!chat) chunk_.content_bytes += text;
    chunk_.bare = chunk_.bare || (bare && !chat);
    chunk_.legacy = chunk_.legacy || (!bare && !chat);
    chunk_.odd = chunk_.odd || index < 0 || !ends;
    chunk_.counts_up = chunk_.counts_up || index > 0;
    chat_ = chat_ || chat;
    index = std::max<std::int64_t>(index, 0);
    if (index < static_cast<std::int64_t>(chunk_.begun.size())) {
      chunk_.begun.set(static_cast<std::size_t>(index));
      if (ended) chunk_.ended.set(static_cast<std::size_t>(index));
    }
    for (std::size_t i = first; i < chunk_.calls.size(); ++i) chunk_.calls[i].choice = index;
    return fine;
  }

  bool ChoiceMember(std::string_view key, Once* once) {
    if (key == "delta") {
      once->See(0);
      return Delta();
    }
    return key == "error" ? ErrorMember() : cursor_.Skip();
  }

  bool FinishReason(Once* once, bool* ended) {
    once->See(1);
    std::string_view reason;
    if (!cursor_.Skip(&reason)) return false;
    const bool text = reason.starts_with('"');
    chunk_.odd = chunk_.odd || (!text && reason != "null");
    if (!text) return true;
    reason = reason.substr(1, reason.size() - 2);
    const std::string_view plain = PlainFinishReason(reason);
    *ended = !plain.empty();
    if (chunk_.finish_reason.empty() && *ended) chunk_.finish_reason = reason;
    chunk_.has_error = chunk_.has_error || plain == kFailedReason;
    chunk_.odd = chunk_.odd || plain.empty() || plain != reason;
    return true;
  }

  bool Delta() {
    if (cursor_.Peek() != '{') return cursor_.Skip();
    Once once(&chunk_.twice);
    return cursor_.Object([&](std::string_view key) {
      if (key == "content") once.See(0);
      if (key == "tool_calls") once.See(1);
      if (key == "role") return Role();
      if (key == "tool_calls" && cursor_.Peek() == '[') return Calls();
      const bool nested = cursor_.Peek() == '[' || cursor_.Peek() == '{';
      chunk_.odd = chunk_.odd || (nested && (key == "content" || key == "tool_calls"));
      if (key != "content") return Text(&chunk_.other_bytes);
      const char first = cursor_.Peek();
      chunk_.no_text = chunk_.no_text || (first != '[' && first != '"' && first != 'n');
      return Text(&chunk_.content_bytes);
    });
  }

  bool Role() {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    chunk_.odd = chunk_.odd || (raw.size() > 2 && raw != "null" && raw != R"("assistant")");
    return true;
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
      if (cursor_.Peek() != '{') {
        chunk_.odd = true;
        return cursor_.Skip();
      }
      CallPiece piece;
      bool empty = true;
      const bool fine = cursor_.Object([&](std::string_view key) {
        empty = false;
        if (key == "index") return cursor_.Int(&piece.index);
        if (key == "id") return Id(&piece.id);
        if (key == "type") return CallType(&piece);
        if (key == "name") piece.odd = true;
        const bool tool = key == "function" || key == "custom";
        if (!tool || cursor_.Peek() != '{') return cursor_.Skip();
        return cursor_.Object([&](std::string_view inner) { return Function(inner, &piece); });
      });
      chunk_.odd = chunk_.odd || empty;
      if (empty) return fine;
      chunk_.says = true;
      chunk_.other_bytes += piece.argument_bytes;
      chunk_.calls.push_back(piece);
      return fine;
    });
  }

  bool CallType(CallPiece* piece) {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    piece->custom = raw == R"("custom")";
    piece->typed = piece->custom || raw == R"("function")";
    return true;
  }

  // A string that is not empty.
  bool Id(std::string_view* id) {
    std::string_view raw;
    if (!cursor_.Skip(&raw)) return false;
    if (raw.size() > 2 && raw.starts_with('"')) *id = raw;
    return true;
  }

  bool Function(std::string_view key, CallPiece* piece) {
    if (key == "name" && cursor_.Peek() == '"') return cursor_.String(&piece->name);
    if (key != "arguments" && key != "input") return cursor_.Skip();
    piece->odd = piece->odd || cursor_.Peek() == '{' || cursor_.Peek() == '[';
    if (cursor_.Peek() != '"') return cursor_.Skip();
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
    chunk_.odd = chunk_.odd || LacksCounts(document->root());
    return true;
  }

  const char* begin_;
  JsonCursor cursor_;
  OpenAiChunk& chunk_;
  Once root_;
  std::string_view object_;  // as JSON
  bool has_id_ = false;
  bool dated_ = false;
  bool chat_ = false;  // a choice has a delta
};

}  // namespace

bool ScanOpenAiChunk(std::string_view json, OpenAiChunk* chunk) {
  return utf8::IsValid(json) && ChunkScanner(json, chunk).Run();
}

}  // namespace moerge
