// OpenAI-compatible servers: the client's bytes go out spliced, the server's come back as they are,
// or mended where they are not as they should be.
#include <utility>

#include "adapters/backend_headers.h"
#include "adapters/error_detail.h"
#include "adapters/held_chunks.h"
#include "adapters/openai_fields.h"
#include "adapters/openai_history.h"
#include "adapters/openai_reply.h"
#include "adapters/openai_request.h"
#include "adapters/openai_stream.h"
#include "adapters/protocols.h"
#include "adapters/reply_chunks.h"
#include "adapters/token_estimate.h"
#include "adapters/translated_stream.h"
#include "adapters/upstream.h"
#include "config/base/text.h"

namespace moerge {
namespace {

void EstimateUsage(const ChatCall& call, StreamSummary* summary) {
  const std::int64_t answer =
      EstimateTokens(static_cast<std::size_t>(summary->content_bytes + summary->other_bytes));
  summary->usage = Settled(summary->usage, call.body->root(), answer);
}

// A body that was read whole: a completion, or the events of a stream.
Result<ChatReply> ReadBody(const ChatCall& call, std::string body) {
  const json::Value request = call.body->root();
  if (!BeginsLikeEvents(body)) {
    return ParseOpenAiReply(*call.backend, std::move(body), request, call.notes);
  }
  NoteMended(call.notes, "a stream, not the whole reply asked for");
  OpenAiStreamReader reader(*call.backend, true, call.notes, WantsOneChoice(request));
  ChunkAssembler assembler;
  OpenAiStreamReader::Piece piece;
  for (const std::string_view bytes : {std::string_view(body), std::string_view("\n\n")}) {
    reader.Feed(bytes);
    auto next = reader.Next(&piece);
    for (; next && *next; next = reader.Next(&piece)) {
      if (Status added = assembler.Add(piece.chunk.json); !added) return std::move(added).error();
    }
    if (!next) return std::move(next).error();
    if (reader.done()) break;
  }
  if (Status ended = reader.End(); !ended) return std::move(ended).error();
  auto reply = ParseOpenAiReply(*call.backend, assembler.Finish(), request, call.notes);
  if (reply && !reader.summary().usage.estimated) reply->usage = reader.summary().usage;
  return reply;
}

// Whether a reply that cannot be read, since it has more values than are read, may be one.
bool MayBeObject(std::string_view body) {
  body = Trim(body);
  return body.starts_with('{') && body.ends_with('}');
}

// What there is to see of a reply that is passed on as it came. Error: kUpstream, for an error in
// the shape of a success, and for what is no answer: a web page, nothing.
Status ReadRaw(const ChatCall& call, RawReply* raw) {
  const Backend& backend = *call.backend;
  raw->usage.prompt_tokens = EstimatePromptTokens(call.body->root());
  const auto document = json::Document::Parse(raw->body);
  if (!document) {
    if (MayBeObject(raw->body)) return Ok{};
    return NotAnAnswer(backend, "the reply is not JSON: " + QuoteError(backend, raw->body));
  }
  const json::Value root = document->root();
  if (IsError(root.Find("error"))) {
    return ErrorInAnswer(backend, "the reply is an error", raw->body);
  }
  if (!root.Find("data").is_array() && root.Find("choices").size() == 0) {
    return ErrorInAnswer(backend, "the reply has neither data nor choices", raw->body);
  }
  std::size_t text = 0;
  for (const json::Value choice : root.Find("choices").children()) {
    std::string_view why = WhyFailed(choice);
    if (why.empty() && !choice.Find("text").present() && !choice.Find("message").present()) {
      why = "a choice of the reply has no text";
    }
    if (!why.empty()) return FailedAnswer(backend, why, raw->body);
    text += choice.Find("text").AsString().value_or("").size();
  }
  raw->usage.completion_tokens = EstimateTokens(text);
  raw->usage = ReadUsage(root.Find("usage")).value_or(raw->usage);
  return Ok{};
}

// A whole legacy completion is its own only chunk.
bool IsTextCompletion(std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return false;
  const json::Value choices = document->root().Find("choices");
  if (choices.size() == 0) return false;
  const json::Value first = *choices.children().begin();
  return first.Find("text").is_string() && !first.Find("message").is_object();
}

// One streamed answer on its way from the server to the sink.
class OpenAiStream {
 public:
  OpenAiStream(const ChatCall& call, ChunkSink& sink)
      : call_(call),
        sink_(sink),
        wants_usage_(WantsUsage(call.body->root())),
        reader_(*call.backend, wants_usage_, call.notes, WantsOneChoice(call.body->root())),
        held_(sink) {}

  Task<Result<StreamSummary>> Run(InboundResponse& response) {
    response_ = &response;
    auto beginning = co_await ReadBeginning(response);
    if (!beginning) co_return std::move(beginning).error();
    if (beginning->starts_with('{') || beginning->starts_with('<')) {
      co_return co_await Whole(response, std::move(*beginning));
    }
    Status taken = co_await Take(*beginning);
    while (taken.ok() && !reader_.done()) {
      auto bytes = co_await response.Read();
      if (!bytes) co_return std::move(bytes).error();
      if (bytes->empty()) break;
      taken = co_await Take(*bytes);
    }
    if (taken.ok() && !reader_.done()) taken = co_await Take("\n\n");
    if (taken.ok()) taken = reader_.End();
    if (taken.ok()) taken = co_await held_.Flush();
    if (!taken) co_return std::move(taken).error();
    if (reader_.done()) response.Finish();
    EstimateUsage(call_, &reader_.summary());
    co_return std::move(reader_.summary());
  }

 private:
  Task<Status> Take(std::string_view bytes) {
    reader_.Feed(bytes);
    OpenAiStreamReader::Piece piece;
    while (true) {
      auto next = reader_.Next(&piece);
      if (!next) co_return std::move(next).error();
      if (!*next) co_return Ok{};
      if (piece.says && !std::exchange(begun_, true)) {
        response_->SetIdleTimeout(call_.backend->idle_timeout);
      }
      Status written = co_await held_.Write(piece.chunk, piece.says);
      if (!written) co_return written;
    }
  }

  // The reply is whole, though a stream was asked for.
  Task<Result<StreamSummary>> Whole(InboundResponse& response, std::string body) {
    response.SetIdleTimeout(call_.backend->idle_timeout);
    auto rest = co_await ReadAll(response, kMaxReply);
    if (!rest) co_return std::move(rest).error();
    body.append(*rest);
    if (IsTextCompletion(body)) co_return co_await WholeText(body);
    auto reply = ReadBody(call_, std::move(body));
    if (!reply) co_return std::move(reply).error();
    NoteMended(call_.notes, "a whole reply, not the stream asked for");
    auto summary = co_await WriteReply(*reply, wants_usage_, sink_);
    co_return summary;
  }

  Task<Result<StreamSummary>> WholeText(const std::string& body) {
    OpenAiChunk seen;
    if (!ScanOpenAiChunk(body, &seen) || seen.has_error) {
      co_return FailedAnswer(*call_.backend, "the reply is an error", body);
    }
    const ChatChunk chunk{body, seen.model_begin, seen.model_end};
    Status written = co_await sink_.Write(chunk);
    if (!written) co_return std::move(written).error();
    StreamSummary summary{.chunks = 1,
                          .content_bytes = static_cast<std::int64_t>(seen.content_bytes),
                          .finish_reason = std::string(seen.finish_reason),
                          .usage = seen.usage.value_or(Usage{})};
    EstimateUsage(call_, &summary);
    co_return summary;
  }

  const ChatCall& call_;
  ChunkSink& sink_;
  const bool wants_usage_;
  OpenAiStreamReader reader_;
  HeldChunks held_;
  InboundResponse* response_ = nullptr;
  bool begun_ = false;  // something of an answer was seen
};

using OpenAiResponse = Result<std::unique_ptr<InboundResponse>>;

// One call, asked again where the server refuses what could be left out. Stays where it is made;
// the response may read from it to its end.
class OpenAiCall {
 public:
  // `stream`: what the body is to say of it.
  OpenAiCall(HttpClient& http, const ChatCall& call, std::string url, bool stream,
             Refusals* refusals)
      : http_(http), call_(call), url_(std::move(url)), stream_(stream), refusals_(*refusals) {
    if (stream && !refusals->usage.contains(url_)) usage_ = AskUsage::kAlways;
    if (refusals->reasoning.Of(call)) shorter_ = WithoutReasoning(*call.body);
  }
  OpenAiCall(const OpenAiCall&) = delete;
  OpenAiCall& operator=(const OpenAiCall&) = delete;

  Task<OpenAiResponse> Send(const CallScope& scope) {
    while (true) {
      Prepare();
      auto response = co_await SendToBackend(http_, *call_.backend, request_, scope, call_.notes);
      if (response) Succeeded();
      if (response || !AsksOtherwise(response.error())) co_return response;
    }
  }

 private:
  void Prepare() {
    const ChatBody& body = shorter_ ? *shorter_ : *call_.body;
    SpliceBody(body, call_.expert->model, stream_, usage_, &body_);
    request_ = MakeRequest(call_, url_, std::move(body_.pieces));
    if (stream_) AddHeader(&request_, "Accept", "text/event-stream");
  }

  // False: what was refused is not to be left out.
  bool AsksOtherwise(const Error& error) {
    if (error.code != ErrorCode::kInvalid) return false;
    const bool asked = usage_ == AskUsage::kAlways && !WantsUsage(call_.body->root());
    if (asked && error.message.find("stream_options") != std::string::npos) {
      refusals_.usage.insert(url_);
      usage_ = AskUsage::kAsSent;
      return true;
    }
    if (shorter_ || !BlamesReasoning(error.message)) return false;
    shorter_ = WithoutReasoning(*call_.body);
    return shorter_ != nullptr;
  }

  void Succeeded() {
    if (!shorter_) return;
    refusals_.reasoning.Keep(call_, true);
    if (call_.notes == nullptr) return;
    call_.notes->told.emplace_back(
        "the reasoning in earlier turns is not passed on: this server refuses it");
  }

  HttpClient& http_;
  const ChatCall& call_;
  const std::string url_;
  const bool stream_;
  Refusals& refusals_;
  AskUsage usage_ = AskUsage::kAsSent;
  ChatBodyPtr shorter_;  // null: as it was sent
  SplicedBody body_;
  OutboundRequest request_;
};

class OpenAiClient : public ProtocolClient {
 public:
  explicit OpenAiClient(HttpClient& http) : http_(http) {}

  Task<Result<ChatReply>> Chat(const ChatCall& call, const CallScope& scope) override {
    OpenAiCall request(http_, call, call.backend->base_url + "/chat/completions", false,
                       &refusals_);
    auto response = co_await request.Send(scope);
    if (!response) co_return std::move(response).error();
    auto reply = co_await ReadWhole(*call.backend, **response);
    if (!reply) co_return std::move(reply).error();
    co_return ReadBody(call, std::move(*reply));
  }

  Task<Result<StreamSummary>> Stream(const ChatCall& call, ChunkSink& sink,
                                     const CallScope& scope) override {
    auto summary = co_await ForwardStream(call, "/chat/completions", sink, scope);
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
    auto summary =
        co_await ForwardStreamOpenAi(http_, call, std::move(url), sink, scope, &refusals_);
    co_return summary;
  }

 private:
  HttpClient& http_;
  Refusals refusals_;
};

}  // namespace

Task<Result<StreamSummary>> ForwardStreamOpenAi(HttpClient& http, const ChatCall& call,
                                                std::string url, ChunkSink& sink,
                                                const CallScope& scope, Refusals* refusals) {
  OpenAiCall request(http, call, std::move(url), true, refusals);
  auto response = co_await request.Send(scope);
  if (!response) co_return std::move(response).error();
  OpenAiStream stream(call, sink);
  auto summary = co_await stream.Run(**response);
  co_return summary;
}

Task<Result<RawReply>> ForwardOpenAi(HttpClient& http, const ChatCall& call, std::string url,
                                     const CallScope& scope) {
  SplicedBody body;
  SpliceBody(*call.body, call.expert->model, std::nullopt, AskUsage::kAsSent, &body);
  OutboundRequest request = MakeRequest(call, std::move(url), std::move(body.pieces));
  auto response = co_await SendToBackend(http, *call.backend, request, scope, call.notes);
  if (!response) co_return std::move(response).error();
  RawReply raw;
  raw.status = (*response)->status();
  raw.content_type =
      WithoutSecrets(*call.backend, std::string((*response)->Header("content-type")));
  auto reply = co_await ReadWhole(*call.backend, **response);
  if (!reply) co_return std::move(reply).error();
  raw.body = std::move(*reply);
  Status answers = ReadRaw(call, &raw);
  if (!answers) co_return std::move(answers).error();
  co_return raw;
}

std::unique_ptr<ProtocolClient> MakeOpenAiClient(HttpClient& http) {
  return std::make_unique<OpenAiClient>(http);
}

}  // namespace moerge
