#include "tests/adapters/random_reply.h"

#include <algorithm>

#include "config/base/json.h"

namespace moerge::test {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  json::AppendQuoted(text, &out);
  return out;
}

std::string UsageJson(const RandomReply& reply) {
  return R"({"prompt_tokens":)" + std::to_string(reply.prompt_tokens) + R"(,"completion_tokens":)" +
         std::to_string(reply.completion_tokens) + R"(,"total_tokens":)" +
         std::to_string(reply.prompt_tokens + reply.completion_tokens) + "}";
}

std::string OpenAiCall(const RandomCall& call, std::string_view arguments) {
  return R"("id":)" + Quoted(call.id) + R"(,"type":"function","function":{"name":)" +
         Quoted(call.name) + R"(,"arguments":)" + Quoted(arguments) + "}";
}

std::string OpenAiEvent(std::string_view delta, std::string_view finish) {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
         std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + "}]}\n\n";
}

std::string AnthropicStop(const RandomReply& reply) {
  if (reply.finish == "length") return "max_tokens";
  if (reply.finish == "content_filter") return "refusal";
  return reply.finish == "tool_calls" ? "tool_use" : "end_turn";
}

std::string AnthropicEvent(std::string_view type, std::string_view rest) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" +
         std::string(rest) + "}\n\n";
}

std::string AnthropicDelta(std::size_t block, std::string_view delta) {
  return AnthropicEvent("content_block_delta", R"(,"index":)" + std::to_string(block) +
                                                   R"(,"delta":)" + std::string(delta));
}

std::string OllamaLine(std::string_view message, std::string_view rest) {
  return R"({"model":"m","created_at":"2024-01-01T00:00:00Z","message":)" + std::string(message) +
         "," + std::string(rest) + "}\n";
}

std::string OllamaEnd(const RandomReply& reply) {
  const std::string reason = reply.finish == "length" ? "length" : "stop";
  return R"("done":true,"done_reason":")" + reason + R"(","prompt_eval_count":)" +
         std::to_string(reply.prompt_tokens) + R"(,"eval_count":)" +
         std::to_string(reply.completion_tokens);
}

std::string OllamaCall(const RandomCall& call) {
  return R"({"id":)" + Quoted(call.id) + R"(,"function":{"name":)" + Quoted(call.name) +
         R"(,"arguments":)" + call.arguments + "}}";
}

}  // namespace

std::string ReplyMaker::Text(std::size_t most) {
  static constexpr std::string_view kParts[] = {
      "a",      "b",      " ",          "\n",       "\"",        "\\",    "/",    "é",
      "日本",   "😀",      "\t",         "{",        "}",         "[",     "]",    "data",
      ": ",     "[DONE]", "\r\n",       "</think>", "0",         "\x01",  "\x7f", ",",
      "null",   "\n\n",   "event",      "ß",        "—",         "error", "  ",   "\u2028",
      "\u00a0", "$${}",   "``````json", "%",        "<|im_end|>"};
  std::string text;
  for (std::size_t parts = Below(most + 1); parts > 0; --parts) {
    text += kParts[Below(std::size(kParts))];
  }
  return text;
}

std::string ReplyMaker::JsonValue(int depth) {
  switch (Below(depth > 0 ? 7 : 5)) {
    case 0: return "null";
    case 1: return Chance(5) ? "true" : "false";
    case 2: return std::to_string(static_cast<std::int64_t>(Below(1'000'000)) - 500'000);
    case 3: return "1.5e-3";
    case 4: return Quoted(Text(6));
    case 5: return "[" + JsonValue(depth - 1) + "," + JsonValue(depth - 1) + "]";
    default: return JsonObject(depth - 1);
  }
}

std::string ReplyMaker::JsonObject(int depth) {
  std::string json = "{";
  const std::size_t members = Below(4);
  for (std::size_t i = 0; i < members; ++i) {
    json += (i > 0 ? "," : "") + Quoted("k" + std::to_string(i) + Text(2)) + ":" + JsonValue(depth);
  }
  return json + "}";
}

RandomReply ReplyMaker::Make() {
  RandomReply reply;
  if (Chance(8)) reply.text = Text(Chance(1) ? 400 : 12);
  if (Chance(4)) reply.reasoning = Text(10);
  for (std::size_t calls = Chance(4) ? 1 + Below(3) : 0; calls > 0; --calls) {
    const std::string number = std::to_string(calls);
    reply.calls.push_back({"call_" + number, "f" + number, JsonObject(2)});
  }
  // Blanks alone are an answer, too, but nothing at all is none.
  if (reply.text.empty() && reply.reasoning.empty() && reply.calls.empty()) reply.text = "x";
  reply.finish = reply.calls.empty() ? (Chance(3) ? "length" : "stop") : "tool_calls";
  reply.prompt_tokens = 1 + static_cast<std::int64_t>(Below(99'999));
  reply.completion_tokens = 1 + static_cast<std::int64_t>(Below(100'000));
  return reply;
}

std::vector<std::string> ReplyMaker::Pieces(std::string_view text) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    std::size_t size = 1 + Below(std::min<std::size_t>(text.size(), 9));
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
    pieces.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return pieces;
}

std::string ReplyMaker::Whole(Protocol protocol, const RandomReply& reply) {
  if (protocol == Protocol::kAnthropic) return AnthropicWhole(reply);
  return protocol == Protocol::kOllama ? OllamaWhole(reply) : OpenAiWhole(reply);
}

RandomStream ReplyMaker::Stream(Protocol protocol, const RandomReply& reply) {
  if (protocol == Protocol::kAnthropic) return AnthropicStream(reply);
  return protocol == Protocol::kOllama ? OllamaStream(reply) : OpenAiStream(reply);
}

std::string ReplyMaker::OpenAiWhole(const RandomReply& reply) {
  std::string message = R"({"role":"assistant","content":)";
  message += reply.text.empty() ? "null" : Quoted(reply.text);
  if (!reply.reasoning.empty()) message += R"(,"reasoning_content":)" + Quoted(reply.reasoning);
  if (!reply.calls.empty()) message += R"(,"tool_calls":[)";
  for (const RandomCall& call : reply.calls) {
    message +=
        (&call == &reply.calls.front() ? "{" : ",{") + OpenAiCall(call, call.arguments) + "}";
  }
  if (!reply.calls.empty()) message += "]";
  return R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)" +
         message + R"(},"finish_reason":")" + reply.finish + R"("}],"usage":)" + UsageJson(reply) +
         "}";
}

std::string ReplyMaker::AnthropicWhole(const RandomReply& reply) {
  std::vector<std::string> blocks;
  if (!reply.reasoning.empty()) {
    blocks.push_back(R"({"type":"thinking","thinking":)" + Quoted(reply.reasoning) + "}");
  }
  if (!reply.text.empty()) blocks.push_back(R"({"type":"text","text":)" + Quoted(reply.text) + "}");
  for (const RandomCall& call : reply.calls) {
    blocks.push_back(R"({"type":"tool_use","id":)" + Quoted(call.id) + R"(,"name":)" +
                     Quoted(call.name) + R"(,"input":)" + call.arguments + "}");
  }
  std::string content;
  for (const std::string& block : blocks) content += (content.empty() ? "" : ",") + block;
  return R"({"id":"c1","type":"message","role":"assistant","model":"m","content":[)" + content +
         R"(],"stop_reason":")" + AnthropicStop(reply) + R"(","usage":{"input_tokens":)" +
         std::to_string(reply.prompt_tokens) + R"(,"output_tokens":)" +
         std::to_string(reply.completion_tokens) + "}}";
}

std::string ReplyMaker::OllamaWhole(const RandomReply& reply) {
  std::string message = R"({"role":"assistant","content":)" + Quoted(reply.text);
  if (!reply.reasoning.empty()) message += R"(,"thinking":)" + Quoted(reply.reasoning);
  std::string calls;
  for (const RandomCall& call : reply.calls) calls += (calls.empty() ? "" : ",") + OllamaCall(call);
  if (!calls.empty()) message += R"(,"tool_calls":[)" + calls + "]";
  return OllamaLine(message + "}", OllamaEnd(reply));
}

void ReplyMaker::Heartbeat(std::string* out) {
  if (Chance(1)) *out += ": keep-alive\n\n";
}

RandomStream ReplyMaker::OpenAiStream(const RandomReply& reply) {
  RandomStream stream;
  std::string& out = stream.bytes;
  out = OpenAiEvent(R"({"role":"assistant","content":""})", "null");
  for (const std::string& piece : Pieces(reply.reasoning)) {
    out += OpenAiEvent(R"({"reasoning_content":)" + Quoted(piece) + "}", "null");
    Heartbeat(&out);
  }
  for (const std::string& piece : Pieces(reply.text)) {
    out += OpenAiEvent(R"({"content":)" + Quoted(piece) + "}", "null");
    Heartbeat(&out);
  }
  for (std::size_t i = 0; i < reply.calls.size(); ++i) {
    const std::string index = R"({"tool_calls":[{"index":)" + std::to_string(i) + ",";
    out += OpenAiEvent(index + OpenAiCall(reply.calls[i], "") + "}]}", "null");
    for (const std::string& piece : Pieces(reply.calls[i].arguments)) {
      out += OpenAiEvent(index + R"("function":{"arguments":)" + Quoted(piece) + "}}]}", "null");
    }
  }
  out += OpenAiEvent("{}", "\"" + reply.finish + "\"");
  stream.finished = out.size() - 2;
  out +=
      R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":)" +
      UsageJson(reply) + "}\n\ndata: [DONE]\n\n";
  return stream;
}

RandomStream ReplyMaker::AnthropicStream(const RandomReply& reply) {
  RandomStream stream;
  std::string& out = stream.bytes;
  std::size_t block = 0;
  const auto run = [&](const std::string& start, const char* type, const char* key,
                       std::string_view text) {
    out += AnthropicEvent("content_block_start",
                          R"(,"index":)" + std::to_string(block) + R"(,"content_block":)" + start);
    for (const std::string& piece : Pieces(text)) {
      out += AnthropicDelta(
          block, R"({"type":")" + std::string(type) + R"(",")" + key + "\":" + Quoted(piece) + "}");
      if (Chance(1)) out += AnthropicEvent("ping", "");
    }
    out += AnthropicEvent("content_block_stop", R"(,"index":)" + std::to_string(block++));
  };
  out = AnthropicEvent("message_start",
                       R"(,"message":{"id":"c1","model":"m","usage":{"input_tokens":)" +
                           std::to_string(reply.prompt_tokens) + R"(,"output_tokens":1}})");
  if (!reply.reasoning.empty()) {
    run(R"({"type":"thinking","thinking":""})", "thinking_delta", "thinking", reply.reasoning);
  }
  if (!reply.text.empty()) run(R"({"type":"text","text":""})", "text_delta", "text", reply.text);
  for (const RandomCall& call : reply.calls) {
    const bool none = call.arguments == "{}" && Chance(5);  // no input is said by no delta at all
    run(R"({"type":"tool_use","id":)" + Quoted(call.id) + R"(,"name":)" + Quoted(call.name) +
            R"(,"input":{}})",
        "input_json_delta", "partial_json", none ? std::string_view() : call.arguments);
  }
  out += AnthropicEvent("message_delta", R"(,"delta":{"stop_reason":")" + AnthropicStop(reply) +
                                             R"("},"usage":{"output_tokens":)" +
                                             std::to_string(reply.completion_tokens) + "}");
  stream.finished = out.size() - 2;
  out += AnthropicEvent("message_stop", "");
  return stream;
}

RandomStream ReplyMaker::OllamaStream(const RandomReply& reply) {
  RandomStream stream;
  std::string& out = stream.bytes;
  const std::string more = R"("done":false)";
  for (const std::string& piece : Pieces(reply.reasoning)) {
    out +=
        OllamaLine(R"({"role":"assistant","content":"","thinking":)" + Quoted(piece) + "}", more);
  }
  for (const std::string& piece : Pieces(reply.text)) {
    out += OllamaLine(R"({"role":"assistant","content":)" + Quoted(piece) + "}", more);
  }
  for (const RandomCall& call : reply.calls) {
    out += OllamaLine(
        R"({"role":"assistant","content":"","tool_calls":[)" + OllamaCall(call) + "]}", more);
  }
  out += OllamaLine(R"({"role":"assistant","content":""})", OllamaEnd(reply));
  stream.finished = out.size() - 1;
  return stream;
}

}  // namespace moerge::test
