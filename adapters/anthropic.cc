// Anthropic's Messages API: requests and answers are translated.
#include "adapters/anthropic_reply.h"
#include "adapters/anthropic_request.h"
#include "adapters/openai_fields.h"
#include "adapters/protocols.h"
#include "adapters/sse.h"
#include "adapters/translated_stream.h"
#include "adapters/upstream.h"

namespace moerge {
namespace {

// Users write the address with or without the version.
std::string MessagesUrl(const Backend& backend) {
  const bool versioned = backend.base_url.ends_with("/v1");
  return backend.base_url + (versioned ? "/messages" : "/v1/messages");
}

OutboundRequest AnthropicRequestFor(const ChatCall& call, const std::string& body) {
  OutboundRequest request = MakeRequest(call, MessagesUrl(*call.backend), {body});
  request.headers.emplace_back("anthropic-version", "2023-06-01");
  const Secret key = BackendKey(*call.backend);
  if (!key.empty()) request.headers.emplace_back("x-api-key", key.Reveal());
  return request;
}

Task<Status> TakeEvents(std::string_view bytes, const Backend& backend, SseParser& parser,
                        AnthropicStream& stream, ChunkSink& sink) {
  parser.Feed(bytes);
  SseParser::Event event;
  std::vector<std::string> chunks;
  while (!stream.done()) {
    auto next = parser.Next(&event);
    if (!next) co_return NotAnAnswer(backend, next.error().message);
    if (!*next) break;
    chunks.clear();
    if (Status taken = stream.Take(event.data, &chunks); !taken) co_return taken;
    Status written = co_await WriteChunks(stream.writer(), chunks, sink);
    if (!written) co_return written;
  }
  co_return Ok{};
}

class AnthropicClient : public ProtocolClient {
 public:
  explicit AnthropicClient(HttpClient& http) : http_(http) {}

  Task<Result<ChatReply>> Chat(const ChatCall& call, const CallScope& scope) override {
    auto body = ToAnthropicRequest(call.body->root(), call.expert->model, false);
    if (!body) co_return std::move(body).error();
    const OutboundRequest request = AnthropicRequestFor(call, *body);
    auto reply = co_await FetchBody(http_, *call.backend, request, scope);
    if (!reply) co_return std::move(reply).error();
    auto answer = FromAnthropicReply(*call.backend, *reply, NowInSeconds());
    if (answer.ok()) EstimateUsage(call, &*answer);
    co_return answer;
  }

  Task<Result<StreamSummary>> Stream(const ChatCall& call, ChunkSink& sink,
                                     const CallScope& scope) override {
    auto body = ToAnthropicRequest(call.body->root(), call.expert->model, true);
    if (!body) co_return std::move(body).error();
    const OutboundRequest request = AnthropicRequestFor(call, *body);
    auto response = co_await OpenStream(http_, *call.backend, request, scope, "text/event-stream");
    if (!response) co_return std::move(response).error();
    AnthropicStream stream(*call.backend, NowInSeconds(), WantsUsage(call.body->root()));
    SseParser parser(kMaxEvent);
    while (!stream.done()) {
      auto bytes = co_await (*response)->Read();
      if (!bytes) co_return std::move(bytes).error();
      if (bytes->empty()) break;
      Status taken = co_await TakeEvents(*bytes, *call.backend, parser, stream, sink);
      if (!taken) co_return std::move(taken).error();
    }
    if (stream.done()) (*response)->Finish();
    co_return FinishSummary(call, stream.done(), std::move(stream.writer().summary()));
  }

  Task<Result<RawReply>> Forward(const ChatCall& call, std::string_view path,
                                 const CallScope&) override {
    co_return Error{ErrorCode::kInvalid, "backend `" + call.backend->name +
                                             "` speaks Anthropic's API, which has no " +
                                             std::string(path)};
  }

 private:
  HttpClient& http_;
};

}  // namespace

std::unique_ptr<ProtocolClient> MakeAnthropicClient(HttpClient& http) {
  return std::make_unique<AnthropicClient>(http);
}

}  // namespace moerge
