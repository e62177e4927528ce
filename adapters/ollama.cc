// Ollama's native API: requests and answers are translated; what else it serves, it serves in
// OpenAI's shape below /v1.
#include "adapters/backend_headers.h"
#include "adapters/line_splitter.h"
#include "adapters/model_memory.h"
#include "adapters/ollama_reply.h"
#include "adapters/ollama_request.h"
#include "adapters/openai_fields.h"
#include "adapters/protocols.h"
#include "adapters/translated_stream.h"
#include "adapters/upstream.h"
#include "config/base/random.h"
#include "config/base/text.h"

namespace moerge {
namespace {

// Users write the address with or without OpenAI's /v1.
std::string Root(const Backend& backend) {
  std::string_view url = backend.base_url;
  if (url.ends_with("/v1")) url.remove_suffix(3);
  return std::string(url);
}

OutboundRequest OllamaRequestFor(const ChatCall& call, const std::string& body) {
  return MakeRequest(call, Root(*call.backend) + "/api/chat", {body});
}

ReplyIdentity NewIdentity(const json::Value& request) {
  return {.id = "chatcmpl-" + RandomId(),
          .created = NowInSeconds(),
          .one_call = request.Find("parallel_tool_calls").AsBool() == false};
}

class OllamaTranslator : public ReplyTranslator {
 public:
  explicit OllamaTranslator(const ChatCall& call)
      : backend_(*call.backend),
        identity_(NewIdentity(call.body->root())),
        stream_(backend_, identity_, WantsUsage(call.body->root())) {
    stream_.writer().ExpectPrompt(call.body->root());
  }

  Status Feed(std::string_view bytes, std::vector<std::string>* chunks) override {
    lines_.Feed(bytes);
    std::string_view line;
    while (!stream_.done()) {
      auto next = lines_.Next(&line);
      if (!next) return NotAnAnswer(backend_, next.error().message);
      if (!*next) break;
      if (Status taken = stream_.Take(line, chunks); !taken) return taken;
    }
    return Ok{};
  }
  Status End(std::vector<std::string>* chunks) override { return Feed("\n", chunks); }
  bool done() const override { return stream_.done(); }
  ChunkWriter& writer() override { return stream_.writer(); }
  Result<ChatReply> Whole(std::string_view body) override {
    return FromOllamaReply(backend_, body, identity_);
  }
  bool BeginsStream(std::string_view type, std::string_view) const override {
    return !EqualsIgnoreCase(type, "application/json");
  }
  // Several lines, the first of which is an object of its own.
  bool IsStream(std::string_view body) const override {
    const std::size_t end = body.find('\n');
    if (end == body.npos || Trim(body.substr(end)).empty()) return false;
    return json::Document::Parse(body.substr(0, end)).ok();
  }

 private:
  const Backend& backend_;
  const ReplyIdentity identity_;
  OllamaStream stream_;
  LineSplitter lines_{kMaxReply};
};

class OllamaClient : public ProtocolClient {
 public:
  explicit OllamaClient(HttpClient& http) : http_(http) {}

  Task<Result<ChatReply>> Chat(const ChatCall& call, const CallScope& scope) override {
    auto reply = co_await ChatOnce(call, scope);
    if (reply.ok() || !Learns(call, reply.error())) co_return reply;
    reply = co_await ChatOnce(call, scope);
    co_return reply;
  }

  Task<Result<StreamSummary>> Stream(const ChatCall& call, ChunkSink& sink,
                                     const CallScope& scope) override {
    auto summary = co_await StreamOnce(call, sink, scope);
    if (summary.ok() || !Learns(call, summary.error())) co_return summary;
    summary = co_await StreamOnce(call, sink, scope);
    co_return summary;
  }

  Task<Result<RawReply>> Forward(const ChatCall& call, std::string_view path,
                                 const CallScope& scope) override {
    std::string url = Root(*call.backend) + "/v1" + std::string(path);
    auto reply = co_await ForwardOpenAi(http_, call, std::move(url), scope);
    co_return reply;
  }

  Task<Result<StreamSummary>> ForwardStream(const ChatCall& call, std::string_view path,
                                            ChunkSink& sink, const CallScope& scope) override {
    std::string url = Root(*call.backend) + "/v1" + std::string(path);
    auto summary =
        co_await ForwardStreamOpenAi(http_, call, std::move(url), sink, scope, &refusals_);
    co_return summary;
  }

 private:
  Task<Result<ChatReply>> ChatOnce(const ChatCall& call, const CallScope& scope) {
    auto translated = ToOllamaRequest(call.body->root(), *call.expert, false, think_.Of(call));
    if (!translated) co_return std::move(translated).error();
    const OutboundRequest request = OllamaRequestFor(call, translated->body);
    OllamaTranslator translator(call);
    co_return co_await ChatTranslated(http_, call, request, *translated, scope, translator);
  }

  Task<Result<StreamSummary>> StreamOnce(const ChatCall& call, ChunkSink& sink,
                                         const CallScope& scope) {
    auto translated = ToOllamaRequest(call.body->root(), *call.expert, true, think_.Of(call));
    if (!translated) co_return std::move(translated).error();
    const OutboundRequest request = OllamaRequestFor(call, translated->body);
    OllamaTranslator translator(call);
    co_return co_await StreamTranslated(http_, call, request, *translated, scope, translator, sink);
  }

  // Whether the server has refused no more than the wish that the model may think, which is a hint.
  bool Learns(const ChatCall& call, const Error& error) {
    if (error.code != ErrorCode::kInvalid) return false;
    const auto says = [&error](std::string_view words) {
      return error.message.find(words) != std::string::npos;
    };
    OllamaThink takes = OllamaThink::kAsSaid;
    if (says("think value")) takes = OllamaThink::kPlain;
    if (says("does not support thinking")) takes = OllamaThink::kNone;
    if (takes <= think_.Of(call)) return false;
    think_.Keep(call, takes);
    return true;
  }

  HttpClient& http_;
  Refusals refusals_;
  ModelMemory<OllamaThink> think_;
};

}  // namespace

std::unique_ptr<ProtocolClient> MakeOllamaClient(HttpClient& http) {
  return std::make_unique<OllamaClient>(http);
}

}  // namespace moerge
