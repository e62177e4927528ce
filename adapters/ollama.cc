// Ollama's native API: requests and answers are translated; what else it serves, it serves in
// OpenAI's shape below /v1.
#include "adapters/line_splitter.h"
#include "adapters/ollama_reply.h"
#include "adapters/ollama_request.h"
#include "adapters/openai_fields.h"
#include "adapters/protocols.h"
#include "adapters/translated_stream.h"
#include "adapters/upstream.h"
#include "config/base/random.h"

namespace moerge {
namespace {

// Users write the address with or without OpenAI's /v1.
std::string Root(const Backend& backend) {
  std::string_view url = backend.base_url;
  if (url.ends_with("/v1")) url.remove_suffix(3);
  return std::string(url);
}

OutboundRequest OllamaRequestFor(const ChatCall& call, const std::string& body) {
  OutboundRequest request = MakeRequest(call, Root(*call.backend) + "/api/chat", {body});
  // Hosted Ollama wants one; a local one has none.
  const Secret key = BackendKey(*call.backend);
  if (!key.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + std::string(key.Reveal()));
  }
  return request;
}

ReplyIdentity NewIdentity() { return ReplyIdentity{"chatcmpl-" + RandomId(), NowInSeconds()}; }

Task<Status> TakeLines(std::string_view bytes, const Backend& backend, LineSplitter& lines,
                       OllamaStream& stream, ChunkSink& sink) {
  lines.Feed(bytes);
  std::string_view line;
  std::vector<std::string> chunks;
  while (!stream.done()) {
    auto next = lines.Next(&line);
    if (!next) co_return NotAnAnswer(backend, next.error().message);
    if (!*next) break;
    chunks.clear();
    if (Status taken = stream.Take(line, &chunks); !taken) co_return taken;
    Status written = co_await WriteChunks(stream.writer(), chunks, sink);
    if (!written) co_return written;
  }
  co_return Ok{};
}

class OllamaClient : public ProtocolClient {
 public:
  explicit OllamaClient(HttpClient& http) : http_(http) {}

  Task<Result<ChatReply>> Chat(const ChatCall& call, const CallScope& scope) override {
    auto body = ToOllamaRequest(call.body->root(), call.expert->model, false);
    if (!body) co_return std::move(body).error();
    const OutboundRequest request = OllamaRequestFor(call, *body);
    auto reply = co_await FetchBody(http_, *call.backend, request, scope);
    if (!reply) co_return std::move(reply).error();
    auto answer = FromOllamaReply(*call.backend, *reply, NewIdentity());
    if (answer.ok()) EstimateUsage(call, &*answer);
    co_return answer;
  }

  Task<Result<StreamSummary>> Stream(const ChatCall& call, ChunkSink& sink,
                                     const CallScope& scope) override {
    auto body = ToOllamaRequest(call.body->root(), call.expert->model, true);
    if (!body) co_return std::move(body).error();
    const OutboundRequest request = OllamaRequestFor(call, *body);
    auto response =
        co_await OpenStream(http_, *call.backend, request, scope, "application/x-ndjson");
    if (!response) co_return std::move(response).error();
    OllamaStream stream(*call.backend, NewIdentity(), WantsUsage(call.body->root()));
    LineSplitter lines(kMaxEvent);
    while (!stream.done()) {
      auto bytes = co_await (*response)->Read();
      if (!bytes) co_return std::move(bytes).error();
      if (bytes->empty()) break;
      Status taken = co_await TakeLines(*bytes, *call.backend, lines, stream, sink);
      if (!taken) co_return std::move(taken).error();
    }
    if (!stream.done()) {
      // The last line may lack its end.
      Status taken = co_await TakeLines("\n", *call.backend, lines, stream, sink);
      if (!taken) co_return std::move(taken).error();
    } else {
      (*response)->Finish();
    }
    co_return FinishSummary(call, stream.done(), std::move(stream.writer().summary()));
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
    auto summary = co_await ForwardStreamOpenAi(http_, call, std::move(url), sink, scope);
    co_return summary;
  }

 private:
  HttpClient& http_;
};

}  // namespace

std::unique_ptr<ProtocolClient> MakeOllamaClient(HttpClient& http) {
  return std::make_unique<OllamaClient>(http);
}

}  // namespace moerge
