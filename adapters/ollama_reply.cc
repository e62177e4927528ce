#include "adapters/ollama_reply.h"

#include "adapters/error_detail.h"
#include "adapters/failure_signs.h"
#include "adapters/json_mend.h"
#include "adapters/openai_fields.h"
#include "adapters/upstream.h"

namespace moerge {
namespace {

std::string_view FinishReason(const json::Value& root, bool called_tools) {
  if (called_tools) return "tool_calls";
  return StringAt(root, "done_reason") == "length" ? "length" : "stop";
}

// The server's answer to a request that only loads or unloads the model, which it gives to others,
// too, while it is doing that.
bool Unloaded(const json::Value& root, bool empty) {
  const std::string_view reason = StringAt(root, "done_reason");
  return empty && (reason == "load" || reason == "unload");
}

void TakeOllamaUsage(const json::Value& root, Usage* usage) {
  const auto output = TokenCount(root.Find("eval_count"));
  if (!output) return;
  // The prompt's count is missing when all of it was in the cache; 0: to be estimated.
  usage->prompt_tokens = TokenCount(root.Find("prompt_eval_count")).value_or(0);
  usage->completion_tokens = *output;
  usage->estimated = false;
}

constexpr std::size_t kReplyInId = 24;  // the end of the reply's own id, which is random

// Servers of a newer kind name their calls; the rest get a name from us.
ToolCall ReadToolCall(const json::Value& call, const ReplyIdentity& identity, int index) {
  const json::Value function = call.Find("function");
  ToolCall read;
  read.id = StringAt(call, "id");
  if (read.id.empty()) {
    // OpenAI takes back at most 40 characters.
    const std::string_view reply = identity.id;
    read.id = "call_";
    read.id.append(reply.substr(reply.size() - std::min(reply.size(), kReplyInId)));
    read.id.append("_").append(std::to_string(index));
  }
  read.name = StringAt(function, "name");
  const json::Value arguments = function.Find("arguments");
  read.arguments = arguments.AsString().value_or(arguments.raw());
  if (read.arguments.empty() || read.arguments == "null") read.arguments = "{}";
  return read;
}

// OpenAI's elements have all four members.
void WriteToken(const json::Value& token, bool top, json::Writer* writer) {
  writer->BeginObject().Field("token", StringAt(token, "token")).Key("logprob");
  const json::Value logprob = token.Find("logprob");
  writer->Raw(logprob.is_number() ? logprob.raw() : "-9999.0").Key("bytes");
  const json::Value bytes = token.Find("bytes");
  writer->Raw(bytes.is_array() ? bytes.raw() : "null");
  if (top) {
    writer->Key("top_logprobs").BeginArray();
    for (const json::Value other : token.Find("top_logprobs").children()) {
      WriteToken(other, false, writer);
    }
    writer->EndArray();
  }
  writer->EndObject();
}

std::string Logprobs(const json::Value& tokens) {
  std::string out;
  if (tokens.size() == 0) return out;
  json::Writer writer(&out);
  writer.BeginArray();
  for (const json::Value token : tokens.children()) WriteToken(token, true, &writer);
  writer.EndArray();
  return out;
}

bool HasError(const json::Value& root) { return IsError(root.Find("error")); }

// At the end of a stream that has no message, words alone tell of one, too.
bool TellsOfFailure(std::string_view line) {
  const Sign sign = SignOf(line);
  return sign == Sign::kFailure || sign == Sign::kWords;
}

}  // namespace

Result<ChatReply> FromOllamaReply(const Backend& backend, std::string_view json,
                                  const ReplyIdentity& identity) {
  std::string mended;
  const auto document = ParseMended(json, &mended);
  if (!document) return NotAnAnswer(backend, "the reply is not JSON: " + QuoteError(backend, json));
  const json::Value root = document->root();
  const json::Value message = root.Find("message");
  if (!message.is_object() || HasError(root)) {
    return ErrorInAnswer(backend, "the reply has no message", json);
  }
  if (root.Find("done").AsBool() == false) {
    return NotAnAnswer(backend, "the reply ended before the answer did");
  }
  Completion completion;
  completion.id = identity.id;
  completion.created = identity.created;
  completion.model = StringAt(root, "model");
  completion.content = StringAt(message, "content");
  completion.reasoning = StringAt(message, "thinking");
  completion.logprobs = Logprobs(root.Find("logprobs"));
  int index = 0;
  for (const json::Value call : message.Find("tool_calls").children()) {
    if (index > 0 && identity.one_call) break;
    completion.tool_calls.push_back(ReadToolCall(call, identity, index++));
  }
  completion.finish_reason = FinishReason(root, index > 0);
  TakeOllamaUsage(root, &completion.usage);
  if (SaysNothing(completion) || Unloaded(root, completion.content.empty() && index == 0)) {
    return NotAnAnswer(backend, kEmptyAnswer);
  }
  return WriteCompletion(std::move(completion));
}

Status OllamaStream::Take(std::string_view line, std::vector<std::string>* chunks) {
  if (line.find_first_not_of(" \t\r") == line.npos) return Ok{};
  std::string mended;
  const auto document = ParseMended(line, &mended);
  if (!document || !document->root().is_object()) {
    return ErrorInAnswer(backend_, "a line of the stream is not JSON", line);
  }
  const json::Value root = document->root();
  if (HasError(root)) {
    return ErrorInAnswer(backend_, "an error in the stream", line);
  }
  const json::Value message = root.Find("message");
  const bool done = root.Find("done").AsBool().value_or(false);
  if (!message.is_object() && (!done || TellsOfFailure(document->text()))) {
    return ErrorInAnswer(backend_, "a line of the stream has no message", line);
  }
  if (!writer_.begun()) {
    writer_.Begin(identity_.id, StringAt(root, "model"), identity_.created);
  }
  Message(root, chunks);
  return done ? Done(root, chunks) : Status(Ok{});
}

void OllamaStream::Message(const json::Value& root, std::vector<std::string>* chunks) {
  const json::Value message = root.Find("message");
  if (const std::string_view text = StringAt(message, "thinking"); !text.empty()) {
    writer_.Reasoning(text, chunks);
  }
  const std::string logprobs = Logprobs(root.Find("logprobs"));
  const std::string_view text = StringAt(message, "content");
  if (!text.empty() || !logprobs.empty()) writer_.Content(text, chunks, logprobs);
  for (const json::Value value : message.Find("tool_calls").children()) {
    if (tool_calls_ > 0 && identity_.one_call) break;
    const ToolCall call = ReadToolCall(value, identity_, tool_calls_);
    writer_.ToolCallStart(tool_calls_++, call.id, call.name, call.arguments, chunks);
  }
}

Status OllamaStream::Done(const json::Value& root, std::vector<std::string>* chunks) {
  done_ = true;
  TakeOllamaUsage(root, &writer_.summary().usage);
  const std::string_view reason = FinishReason(root, tool_calls_ > 0);
  const bool nothing = reason == "stop" && writer_.SaysNothing();
  if (nothing || Unloaded(root, !writer_.said())) return NotAnAnswer(backend_, kEmptyAnswer);
  writer_.Finish(reason, chunks);
  if (wants_usage_) writer_.UsageOnly(chunks);
  return Ok{};
}

}  // namespace moerge
