#include "adapters/ollama_reply.h"

#include "adapters/upstream.h"

namespace moerge {
namespace {

std::string_view FinishReason(const json::Value& root, bool called_tools) {
  if (called_tools) return "tool_calls";
  return StringAt(root, "done_reason") == "length" ? "length" : "stop";
}

void TakeOllamaUsage(const json::Value& root, Usage* usage) {
  const auto output = root.Find("eval_count").AsInt();
  if (!output) return;
  // The prompt's count is missing when all of it was in the cache.
  usage->prompt_tokens = root.Find("prompt_eval_count").AsInt().value_or(0);
  usage->completion_tokens = *output;
  usage->estimated = false;
}

// Servers of a newer kind name their calls; the rest get a name from us.
ToolCall ReadToolCall(const json::Value& call, const ReplyIdentity& identity, int index) {
  const json::Value function = call.Find("function");
  ToolCall read;
  read.id = StringAt(call, "id");
  if (read.id.empty()) read.id = "call_" + identity.id + "_" + std::to_string(index);
  read.name = StringAt(function, "name");
  read.arguments = function.Find("arguments").raw();
  return read;
}

}  // namespace

Result<ChatReply> FromOllamaReply(const Backend& backend, std::string_view json,
                                  const ReplyIdentity& identity) {
  const auto document = json::Document::Parse(json);
  if (!document) return NotAnAnswer(backend, "the reply is not JSON: " + QuoteError(backend, json));
  const json::Value root = document->root();
  const json::Value message = root.Find("message");
  if (!message.is_object() || root.Find("error")) {
    return NotAnAnswer(backend, "the reply has no message: " + QuoteError(backend, json));
  }
  Completion completion;
  completion.id = identity.id;
  completion.created = identity.created;
  completion.model = StringAt(root, "model");
  completion.content = StringAt(message, "content");
  int index = 0;
  for (const json::Value call : message.Find("tool_calls").children()) {
    completion.tool_calls.push_back(ReadToolCall(call, identity, index++));
  }
  completion.finish_reason = FinishReason(root, index > 0);
  TakeOllamaUsage(root, &completion.usage);
  return WriteCompletion(std::move(completion));
}

Status OllamaStream::Take(std::string_view line, std::vector<std::string>* chunks) {
  if (line.find_first_not_of(" \t\r") == line.npos) return Ok{};
  const auto document = json::Document::Parse(line);
  if (!document || !document->root().is_object()) {
    return NotAnAnswer(backend_, "a line of the stream is not JSON: " + QuoteError(backend_, line));
  }
  const json::Value root = document->root();
  if (root.Find("error")) {
    return NotAnAnswer(backend_, "an error in the stream: " + QuoteError(backend_, line));
  }
  const json::Value message = root.Find("message");
  const bool done = root.Find("done").AsBool().value_or(false);
  if (!message.is_object() && !done) {
    return NotAnAnswer(backend_,
                       "a line of the stream has no message: " + QuoteError(backend_, line));
  }
  if (!writer_.begun()) {
    writer_.Begin(identity_.id, StringAt(root, "model"), identity_.created);
    writer_.Role(chunks);
  }
  Message(message, chunks);
  if (done) Done(root, chunks);
  return Ok{};
}

void OllamaStream::Message(const json::Value& message, std::vector<std::string>* chunks) {
  if (const std::string_view text = StringAt(message, "content"); !text.empty()) {
    writer_.Content(text, chunks);
  }
  for (const json::Value value : message.Find("tool_calls").children()) {
    const ToolCall call = ReadToolCall(value, identity_, tool_calls_);
    writer_.ToolCallStart(tool_calls_++, call.id, call.name, call.arguments, chunks);
  }
}

void OllamaStream::Done(const json::Value& root, std::vector<std::string>* chunks) {
  done_ = true;
  TakeOllamaUsage(root, &writer_.summary().usage);
  writer_.Finish(FinishReason(root, tool_calls_ > 0), chunks);
  if (wants_usage_) writer_.UsageOnly(chunks);
}

}  // namespace moerge
