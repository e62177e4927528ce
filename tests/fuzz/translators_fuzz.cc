// An answer made of the input, as each API writes it: what comes of it in OpenAI's shape is the
// same message whether it is whole or a stream, and says what went in.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/anthropic_reply.h"
#include "adapters/ollama_reply.h"
#include "adapters/openai_reply.h"
#include "adapters/openai_stream.h"
#include "adapters/reply_chunks.h"
#include "config/base/utf8.h"
#include "tests/adapters/random_reply.h"

namespace {

using moerge::Backend;
using moerge::Protocol;
using moerge::test::RandomReply;

// Takes what it needs from the front of the input.
class Input {
 public:
  explicit Input(std::string_view bytes) : left_(bytes) {}
  std::uint8_t Byte() {
    if (left_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }
  // Short: it becomes some ten pieces, and a hundred would take ten times as long and show no more.
  std::string Text() {
    const std::size_t size = std::min<std::size_t>(Byte() % 48, left_.size());
    const std::string text = moerge::utf8::Repair(left_.substr(0, size));
    left_.remove_prefix(size);
    return text;
  }

 private:
  std::string_view left_;
};

RandomReply ReplyFrom(Input* input) {
  RandomReply reply;
  reply.text = input->Text();
  reply.reasoning = input->Text();
  for (int calls = input->Byte() % 4; calls > 0; --calls) {
    std::string value;
    moerge::json::AppendQuoted(input->Text(), &value);
    reply.calls.push_back({"call_" + std::to_string(calls), "f" + std::to_string(calls),
                           calls % 2 == 0 ? "{}" : "{\"k\":" + value + "}"});
  }
  if (reply.text.empty() && reply.reasoning.empty() && reply.calls.empty()) reply.text = "x";
  reply.finish = reply.calls.empty() ? (input->Byte() % 2 == 0 ? "stop" : "length") : "tool_calls";
  reply.prompt_tokens = input->Byte();
  reply.completion_tokens = 1 + input->Byte();
  return reply;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

// The stream's chunks put together as the SDKs do.
std::string Assembled(const Backend& backend, Protocol protocol, const std::string& bytes) {
  moerge::ChunkAssembler assembler;
  if (protocol == Protocol::kOpenAi) {
    moerge::OpenAiStreamReader reader(backend, true, nullptr);
    moerge::OpenAiStreamReader::Piece piece;
    reader.Feed(bytes);
    for (auto next = reader.Next(&piece); *next; next = reader.Next(&piece)) {
      Require(assembler.Add(piece.chunk.json).ok());
    }
    Require(reader.done() && reader.End().ok());
    return assembler.Finish();
  }
  std::vector<std::string> chunks;
  if (protocol == Protocol::kAnthropic) {
    moerge::AnthropicStream stream(backend, 1, true);
    moerge::SseParser parser(moerge::kMaxReply);
    parser.Feed(bytes);
    moerge::SseParser::Event event;
    while (!stream.done() && *parser.Next(&event)) Require(stream.Take(event.data, &chunks).ok());
    Require(stream.done());
  } else {
    moerge::OllamaStream stream(backend, {.id = "c", .created = 1}, true);
    std::string_view left = bytes;
    for (std::size_t end = left.find('\n'); end != left.npos; end = left.find('\n')) {
      Require(stream.Take(left.substr(0, end), &chunks).ok());
      left.remove_prefix(end + 1);
    }
    Require(stream.done());
  }
  for (const std::string& chunk : chunks) Require(assembler.Add(chunk).ok());
  return assembler.Finish();
}

std::string Whole(const Backend& backend, Protocol protocol, const std::string& bytes) {
  auto reply = protocol == Protocol::kAnthropic ? moerge::FromAnthropicReply(backend, bytes, 1)
               : protocol == Protocol::kOllama
                   ? moerge::FromOllamaReply(backend, bytes, {.id = "c", .created = 1})
                   : moerge::ParseOpenAiReply(backend, bytes, {});
  Require(reply.ok());
  return reply->json;
}

void Says(const RandomReply& wanted, const std::string& json) {
  const auto document = moerge::json::Document::Parse(json);
  Require(document.ok() && document->root().Find("choices").size() == 1);
  const moerge::json::Value choice = *document->root().Find("choices").children().begin();
  const moerge::json::Value message = choice.Find("message");
  Require(message.Find("content").AsString().value_or("") == wanted.text);
  Require(message.Find("reasoning_content").AsString().value_or("") == wanted.reasoning);
  Require(choice.Find("finish_reason").AsString() == wanted.finish);
  Require(message.Find("tool_calls").size() == wanted.calls.size());
  auto call = wanted.calls.begin();
  for (const moerge::json::Value said : message.Find("tool_calls").children()) {
    Require(said.Find("id").AsString() == call->id);
    Require(said.Find("function").Find("name").AsString() == call->name);
    Require(said.Find("function").Find("arguments").AsString() == call->arguments);
    ++call;
  }
  const moerge::json::Value usage = document->root().Find("usage");
  Require(usage.Find("prompt_tokens").AsInt() == wanted.prompt_tokens);
  Require(usage.Find("completion_tokens").AsInt() == wanted.completion_tokens);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(std::string_view(reinterpret_cast<const char*>(data), size));
  moerge::test::ReplyMaker maker(input.Byte());
  const RandomReply reply = ReplyFrom(&input);
  Backend backend;
  backend.name = "b";
  for (const Protocol protocol : {Protocol::kOpenAi, Protocol::kAnthropic, Protocol::kOllama}) {
    Says(reply, Whole(backend, protocol, maker.Whole(protocol, reply)));
    Says(reply, Assembled(backend, protocol, maker.Stream(protocol, reply).bytes));
  }
  return 0;
}
