// OpenAI-compatible servers: the client's bytes go out spliced, the server's come back as they are.
#include "adapters/openai_reply.h"
#include "adapters/openai_request.h"
#include "adapters/protocols.h"
#include "adapters/sse.h"
#include "adapters/upstream.h"

namespace moerge {
namespace {

void Authorize(const Backend& backend, OutboundRequest* request) {
  const Secret key = BackendKey(backend);
  if (key.empty()) return;
  request->headers.emplace_back("Authorization", "Bearer " + std::string(key.Reveal()));
}

// One streamed answer on its way from the server to the sink.
class OpenAiStream {
 public:
  OpenAiStream(const ChatCall& call, ChunkSink& sink)
      : backend_(*call.backend), sink_(sink), prompt_bytes_(call.body->text().size()) {}

  Task<Result<StreamSummary>> Run(InboundResponse& response) {
    while (!done_) {
      auto bytes = co_await response.Read();
      if (!bytes) co_return std::move(bytes).error();
      if (bytes->empty()) break;
      Status taken = co_await Take(*bytes);
      if (!taken) co_return std::move(taken).error();
    }
    if (done_) response.Finish();
    // Some servers never say [DONE]; a stream whose answer is finished is whole nevertheless.
    if (!done_ && summary_.finish_reason.empty()) {
      co_return NotAnAnswer(backend_, "the stream ended before the answer did");
    }
    if (summary_.usage.estimated) {
      summary_.usage.prompt_tokens = EstimateTokens(prompt_bytes_);
      summary_.usage.completion_tokens = EstimateTokens(summary_.content_bytes);
    }
    co_return std::move(summary_);
  }

 private:
  Task<Status> Take(std::string_view bytes) {
    parser_.Feed(bytes);
    SseParser::Event event;
    while (!done_) {
      auto next = parser_.Next(&event);
      if (!next) co_return NotAnAnswer(backend_, next.error().message);
      if (!*next) break;
      done_ = event.data == "[DONE]";
      if (done_) break;
      ChatChunk chunk;
      if (Status read = Look(event.data, &chunk); !read) co_return read;
      Status written = co_await sink_.Write(chunk);
      if (!written) co_return written;
    }
    co_return Ok{};
  }

  // What the summary needs of an event, and whether it is one to pass on.
  Status Look(std::string_view data, ChatChunk* chunk) {
    OpenAiChunk seen;
    if (!ScanOpenAiChunk(data, &seen)) {
      return NotAnAnswer(backend_,
                         "an event of the stream is not JSON: " + QuoteError(backend_, data));
    }
    if (seen.has_error) {
      return NotAnAnswer(backend_, "an error in the stream: " + QuoteError(backend_, data));
    }
    if (!seen.has_choices && !seen.usage) {
      return NotAnAnswer(backend_, "an event of the stream is no chunk of a completion: " +
                                       QuoteError(backend_, data));
    }
    ++summary_.chunks;
    summary_.content_bytes += static_cast<std::int64_t>(seen.content_bytes);
    if (!seen.finish_reason.empty()) summary_.finish_reason = seen.finish_reason;
    if (seen.usage) summary_.usage = *seen.usage;
    *chunk = ChatChunk{data, seen.model_begin, seen.model_end};
    return Ok{};
  }

  const Backend& backend_;
  ChunkSink& sink_;
  const std::size_t prompt_bytes_;
  SseParser parser_{kMaxEvent};
  StreamSummary summary_;
  bool done_ = false;
};

class OpenAiClient : public ProtocolClient {
 public:
  explicit OpenAiClient(HttpClient& http) : http_(http) {}

  Task<Result<ChatReply>> Chat(const ChatCall& call, const CallScope& scope) override {
    SplicedBody body;
    SpliceBody(*call.body, call.expert->model, false, &body);
    OutboundRequest request =
        MakeRequest(call, call.backend->base_url + "/chat/completions", std::move(body.pieces));
    Authorize(*call.backend, &request);
    auto reply = co_await FetchBody(http_, *call.backend, request, scope);
    if (!reply) co_return std::move(reply).error();
    co_return ParseOpenAiReply(*call.backend, std::move(*reply), call.body->text().size());
  }

  Task<Result<StreamSummary>> Stream(const ChatCall& call, ChunkSink& sink,
                                     const CallScope& scope) override {
    std::string url = call.backend->base_url + "/chat/completions";
    auto summary = co_await ForwardStreamOpenAi(http_, call, std::move(url), sink, scope);
    co_return summary;
  }

  Task<Result<RawReply>> Forward(const ChatCall& call, std::string_view path,
                                 const CallScope& scope) override {
    std::string url = call.backend->base_url + std::string(path);
    auto reply = co_await ForwardOpenAi(http_, call, std::move(url), scope);
    co_return reply;
  }

  Task<Result<StreamSummary>> ForwardStream(const ChatCall& call, std::string_view path,
                                            ChunkSink& sink, const CallScope& scope) override {
    std::string url = call.backend->base_url + std::string(path);
    auto summary = co_await ForwardStreamOpenAi(http_, call, std::move(url), sink, scope);
    co_return summary;
  }

 private:
  HttpClient& http_;
};

}  // namespace

Task<Result<StreamSummary>> ForwardStreamOpenAi(HttpClient& http, const ChatCall& call,
                                                std::string url, ChunkSink& sink,
                                                const CallScope& scope) {
  SplicedBody body;
  SpliceBody(*call.body, call.expert->model, true, &body);
  OutboundRequest request = MakeRequest(call, std::move(url), std::move(body.pieces));
  request.headers.emplace_back("Accept", "text/event-stream");
  Authorize(*call.backend, &request);
  auto response = co_await OpenStream(http, *call.backend, request, scope, "text/event-stream");
  if (!response) co_return std::move(response).error();
  OpenAiStream stream(call, sink);
  auto summary = co_await stream.Run(**response);
  co_return summary;
}

Task<Result<RawReply>> ForwardOpenAi(HttpClient& http, const ChatCall& call, std::string url,
                                     const CallScope& scope) {
  SplicedBody body;
  SpliceBody(*call.body, call.expert->model, std::nullopt, &body);
  OutboundRequest request = MakeRequest(call, std::move(url), std::move(body.pieces));
  Authorize(*call.backend, &request);
  auto response = co_await http.Send(request, scope);
  if (!response) co_return std::move(response).error();
  RawReply raw;
  raw.status = (*response)->status();
  if (raw.status < 200 || raw.status > 299) {
    Error error = co_await ErrorFromReply(*call.backend, **response);
    co_return error;
  }
  raw.content_type = (*response)->Header("content-type");
  auto reply = co_await ReadAll(**response, kMaxReply);
  if (!reply) co_return std::move(reply).error();
  raw.body = std::move(*reply);
  co_return raw;
}

std::unique_ptr<ProtocolClient> MakeOpenAiClient(HttpClient& http) {
  return std::make_unique<OpenAiClient>(http);
}

}  // namespace moerge
