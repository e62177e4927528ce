#include "adapters/openai_reply.h"

#include <algorithm>
#include <initializer_list>

#include "adapters/error_detail.h"
#include "adapters/finish_reason.h"
#include "adapters/json_mend.h"
#include "adapters/openai_calls.h"
#include "adapters/openai_choices.h"
#include "adapters/openai_fields.h"
#include "adapters/token_estimate.h"
#include "adapters/upstream.h"
#include "config/base/text.h"

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

bool IsNothing(const json::Value& value) {
  if (value.is_string()) return value.AsString()->empty();
  for (const json::Value item : value.children()) {
    if (!value.is_array() || !IsNothing(item)) return false;
  }
  return !value.is_number() && !value.is_bool();
}

// Whether a message holds anything but its role: text, reasoning, calls, a refusal, speech.
bool SaysSomething(const json::Value& message) {
  for (const json::Value member : message.children()) {
    if (member.key() != "role" && !IsNothing(member)) return true;
  }
  return false;
}

// Why a choice is no answer; empty: it is one.
std::string_view WhyNoAnswer(const json::Value& choice, const json::Value& usage) {
  const json::Value message = choice.Find("message");
  const std::string_view reason = choice.Find("finish_reason").AsString().value_or("");
  if (const std::string_view failed = WhyFailed(choice); !failed.empty()) return failed;
  if (!message.is_object()) return "the reply has no message";
  const json::Value content = message.Find("content");
  if (content && !CanBeText(content)) return "the reply's content is no text";
  if (SaysSomething(message)) return {};
  if (reason == "tool_calls" || reason == "function_call") return "the reply calls no function";
  const bool ended = PlainFinishReason(reason).empty() || reason == "stop";
  if (!ended) return {};
  const std::optional<Usage> counted = ReadUsage(usage);
  return counted && counted->completion_tokens == 0 ? "the answer is empty" : std::string_view();
}

// Parses `json`, if need be after mending it.
Result<json::Document> ParseLiberally(std::string* json, AnswerNotes* notes) {
  std::string mended;
  Result<json::Document> document = ParseMended(*json, &mended);
  if (!document || mended.empty()) return document;
  NoteMended(notes, "the reply's JSON was mended");
  *json = std::move(mended);
  return json::Document::Parse(*json);
}

// The reply as it was mended, if it was.
void TakeMended(std::string mended, std::string_view what, AnswerNotes* notes, std::string* json,
                Result<json::Document>* document) {
  if (mended.empty()) return;
  NoteMended(notes, what);
  *json = std::move(mended);
  *document = json::Document::Parse(*json);
}

Status CheckAnswer(const Backend& backend, std::string_view json, const json::Value& root) {
  if (IsError(root.Find("error"))) {
    return ErrorInAnswer(backend, "the reply is an error", json);
  }
  const json::Value choices = root.Find("choices");
  if (!choices.is_array() || choices.size() == 0) {
    return ErrorInAnswer(backend, "the reply has no choices", json);
  }
  const json::Value usage = root.Find("usage");
  for (const json::Value choice : choices.children()) {
    const std::string_view why = WhyNoAnswer(choice, usage);
    if (why.empty()) continue;
    return FailedAnswer(backend, why, json);
  }
  return Ok{};
}

// The first that counts anything; none: none is there.
std::optional<std::int64_t> FirstOf(std::initializer_list<json::Value> values) {
  std::optional<std::int64_t> none;
  for (const json::Value value : values) {
    const auto count = TokenCount(value);
    if (count && *count != 0) return count;
    if (count) none = count;
  }
  return none;
}
std::int64_t FirstCount(std::initializer_list<json::Value> values) {
  return FirstOf(values).value_or(0);
}

json::Value EitherOf(const json::Value& object, std::string_view one, std::string_view other) {
  const json::Value value = object.Find(one);
  return value.is_object() ? value : object.Find(other);
}

}  // namespace

std::string_view WhyFailed(const json::Value& choice) {
  const std::string_view reason = choice.Find("finish_reason").AsString().value_or("");
  const bool failed = PlainFinishReason(reason) == kFailedReason;
  return failed || IsError(choice.Find("error")) ? "the answer ended with an error" : "";
}

Error FailedAnswer(const Backend& backend, std::string_view what, std::string_view json) {
  const auto document = json::Document::Parse(json);
  const json::Value root = document ? document->root() : json::Value();
  const json::Value choices = root.Find("choices");
  if (IsError(root.Find("error")) || choices.size() == 0) return ErrorInAnswer(backend, what, json);
  for (const json::Value choice : choices.children()) {
    if (IsError(choice.Find("error"))) return ErrorInAnswer(backend, what, choice.raw());
  }
  return NotAnAnswer(backend, std::string(what) + ": " + QuoteError(backend, json));
}

std::optional<Usage> ReadUsage(const json::Value& usage) {
  const auto prompt = FirstOf({usage.Find("prompt_tokens"), usage.Find("input_tokens")});
  const auto answer = FirstOf({usage.Find("completion_tokens"), usage.Find("output_tokens")});
  if (!prompt && !answer) return std::nullopt;
  const json::Value of_prompt = EitherOf(usage, "prompt_tokens_details", "input_tokens_details");
  const json::Value of_answer =
      EitherOf(usage, "completion_tokens_details", "output_tokens_details");
  Usage read{.prompt_tokens = prompt.value_or(0), .completion_tokens = answer.value_or(0)};
  read.estimated = read.prompt_tokens == 0 && read.completion_tokens == 0;
  // DeepSeek; Together, Moonshot
  read.cached_tokens =
      FirstCount({of_prompt.Find("cached_tokens"), usage.Find("prompt_cache_hit_tokens"),
                  usage.Find("cached_tokens")});
  read.image_tokens = FirstCount({of_prompt.Find("image_tokens")});
  read.audio_tokens = FirstCount({of_prompt.Find("audio_tokens")});
  read.audio_output_tokens = FirstCount({of_answer.Find("audio_tokens")});
  // SGLang
  read.reasoning_tokens =
      FirstCount({of_answer.Find("reasoning_tokens"), usage.Find("reasoning_tokens")});
  // What Gemini and xAI think is in the sum alone, though it is paid for like the answer.
  const std::int64_t beside =
      FirstCount({usage.Find("total_tokens")}) - read.prompt_tokens - read.completion_tokens;
  if (beside > 0 && prompt) {
    read.completion_tokens += beside;
    read.reasoning_tokens = std::max(read.reasoning_tokens, beside);
  }
  return read;
}

Result<ChatReply> ParseOpenAiReply(const Backend& backend, std::string json,
                                   const json::Value& request, AnswerNotes* notes) {
  ChatReply reply;
  reply.json = std::move(json);
  auto document = ParseLiberally(&reply.json, notes);
  if (!document) {
    return NotAnAnswer(backend, "the reply is not JSON: " + QuoteError(backend, reply.json));
  }
  Status answers = CheckAnswer(backend, reply.json, document->root());
  if (!answers) return std::move(answers).error();
  ReplyFrame frame{.whole = true};
  TakeMended(MendShape(*document, &frame), kOtherShape, notes, &reply.json, &document);
  TakeMended(MendCalls(*document), kCompletedCalls, notes, &reply.json, &document);
  const json::Value root = document->root();
  if (const json::Value model = root.Find("model"); model.is_string()) {
    reply.model_begin = model.begin();
    reply.model_end = model.end();
  }
  const json::Value first = *root.Find("choices").children().begin();
  const json::Value message = first.Find("message");
  reply.content = TextOf(message.Find("content"));
  reply.finish_reason = first.Find("finish_reason").AsString().value_or("");
  const Usage said = ReadUsage(root.Find("usage")).value_or(Usage{});
  const std::int64_t answer = said.estimated ? EstimateAnswerTokens(message) : 0;
  reply.usage = Settled(said.estimated ? Usage{} : said, request, answer);
  return reply;
}

}  // namespace moerge
