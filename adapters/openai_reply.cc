#include "adapters/openai_reply.h"

#include "adapters/json_cursor.h"
#include "adapters/upstream.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

std::string TextOf(const json::Value& content) {
  if (const auto text = content.AsString()) return std::string(*text);
  std::string joined;
  for (const json::Value part : content.children()) {
    if (const auto text = part.Find("text").AsString()) joined.append(*text);
  }
  return joined;
}

Usage UsageOf(const json::Value& usage, std::size_t prompt_bytes, std::size_t answer_bytes) {
  const auto prompt = usage.Find("prompt_tokens").AsInt();
  const auto completion = usage.Find("completion_tokens").AsInt();
  if (!prompt || !completion) {
    return Usage{EstimateTokens(prompt_bytes), EstimateTokens(answer_bytes), true};
  }
  return Usage{*prompt, *completion, false};
}

class ChunkScanner {
 public:
  ChunkScanner(std::string_view json, OpenAiChunk* chunk)
      : begin_(json.data()), cursor_(json), chunk_(*chunk) {}

  bool Run() {
    const auto member = [this](std::string_view key) { return Member(key); };
    return cursor_.Peek() == '{' && cursor_.Object(member) && cursor_.AtEnd();
  }

 private:
  bool Member(std::string_view key) {
    if (key == "choices") return Choices();
    if (key == "model") return Model();
    if (key == "usage") return UsageMember();
    if (key == "error") {
      std::string_view raw;
      if (!cursor_.Skip(&raw)) return false;
      chunk_.has_error = raw != "null";
      return true;
    }
    return cursor_.Skip();
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
      if (cursor_.Peek() != '{') return cursor_.Skip();
      return cursor_.Object([this](std::string_view key) { return Choice(key); });
    });
  }

  bool Choice(std::string_view key) {
    if (key == "delta" && cursor_.Peek() == '{') {
      return cursor_.Object(
          [this](std::string_view inner) { return inner == "content" ? Text() : cursor_.Skip(); });
    }
    if (key == "text") return Text();  // of a legacy completion
    if (key != "finish_reason" || cursor_.Peek() != '"') return cursor_.Skip();
    std::string_view reason;
    if (!cursor_.String(&reason)) return false;
    if (chunk_.finish_reason.empty()) chunk_.finish_reason = reason;
    return true;
  }

  bool Text() {
    if (cursor_.Peek() != '"') return cursor_.Skip();
    std::string_view inner;
    if (!cursor_.String(&inner)) return false;
    chunk_.content_bytes += DecodedSize(inner);
    return true;
  }

  bool UsageMember() {
    if (cursor_.Peek() != '{') return cursor_.Skip();
    Usage usage;
    const bool fine = cursor_.Object([&](std::string_view key) {
      if (key == "prompt_tokens") return cursor_.Int(&usage.prompt_tokens);
      if (key == "completion_tokens") return cursor_.Int(&usage.completion_tokens);
      return cursor_.Skip();
    });
    usage.estimated = false;
    chunk_.usage = usage;
    return fine;
  }

  const char* begin_;
  JsonCursor cursor_;
  OpenAiChunk& chunk_;
};

}  // namespace

Result<ChatReply> ParseOpenAiReply(const Backend& backend, std::string json,
                                   std::size_t prompt_bytes) {
  ChatReply reply;
  reply.json = std::move(json);
  const auto document = json::Document::Parse(reply.json);
  if (!document) {
    return NotAnAnswer(backend, "the reply is not JSON: " + QuoteError(backend, reply.json));
  }
  const json::Value root = document->root();
  if (const json::Value error = root.Find("error"); error && !error.is_null()) {
    return NotAnAnswer(backend, "the reply is an error: " + QuoteError(backend, reply.json));
  }
  const json::Value choices = root.Find("choices");
  if (!choices.is_array() || choices.size() == 0) {
    return NotAnAnswer(backend, "the reply has no choices: " + QuoteError(backend, reply.json));
  }
  if (const json::Value model = root.Find("model"); model.is_string()) {
    reply.model_begin = model.begin();
    reply.model_end = model.end();
  }
  const json::Value first = *choices.children().begin();
  const json::Value message = first.Find("message");
  reply.content = TextOf(message.Find("content"));
  reply.finish_reason = first.Find("finish_reason").AsString().value_or("");
  reply.usage = UsageOf(root.Find("usage"), prompt_bytes, message.raw().size());
  return reply;
}

bool ScanOpenAiChunk(std::string_view json, OpenAiChunk* chunk) {
  return utf8::IsValid(json) && ChunkScanner(json, chunk).Run();
}

}  // namespace moerge
