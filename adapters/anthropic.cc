// Anthropic's Messages API: requests and answers are translated.
#include "adapters/anthropic_reply.h"
#include "adapters/anthropic_request.h"
#include "adapters/backend_headers.h"
#include "adapters/model_memory.h"
#include "adapters/openai_fields.h"
#include "adapters/protocols.h"
#include "adapters/sse.h"
#include "adapters/translated_stream.h"
#include "adapters/upstream.h"
#include "config/base/text.h"

namespace moerge {
namespace {

// Users write the address with or without the version.
std::string MessagesUrl(const Backend& backend) {
  const bool versioned = backend.base_url.ends_with("/v1");
  return backend.base_url + (versioned ? "/messages" : "/v1/messages");
}

OutboundRequest AnthropicRequestFor(const ChatCall& call, const std::string& body) {
  return MakeRequest(call, MessagesUrl(*call.backend), {body});
}

class AnthropicTranslator : public ReplyTranslator {
 public:
  explicit AnthropicTranslator(const ChatCall& call)
      : backend_(*call.backend),
        created_(NowInSeconds()),
        stream_(backend_, created_, WantsUsage(call.body->root())) {
    stream_.writer().ExpectPrompt(call.body->root());
  }

  Status Feed(std::string_view bytes, std::vector<std::string>* chunks) override {
    parser_.Feed(bytes);
    SseParser::Event event;
    while (!stream_.done()) {
      auto next = parser_.Next(&event);
      if (!next) return NotAnAnswer(backend_, next.error().message);
      if (!*next) break;
      if (IsErrorName(event.name)) {
        const std::string_view said = event.data.empty() ? event.name : event.data;
        return ErrorInAnswer(backend_, "an error in the stream", said);
      }
      // Relays put the end of OpenAI's streams behind, or in place of, this API's own.
      if (IsHeartbeat(event) || IsDone(event.data)) continue;
      if (Status taken = stream_.Take(event.data, chunks); !taken) return taken;
    }
    return stream_.done() ? stream_.CheckEnd(parser_.ignored()) : Ok{};
  }
  Status End(std::vector<std::string>* chunks) override {
    Status fed = Feed("\n\n", chunks);
    if (!fed) return fed;
    stream_.End(chunks);
    return stream_.CheckEnd(parser_.ignored());
  }
  bool done() const override { return stream_.done(); }
  ChunkWriter& writer() override { return stream_.writer(); }
  Result<ChatReply> Whole(std::string_view body) override {
    return FromAnthropicReply(backend_, body, created_);
  }
  bool BeginsStream(std::string_view, std::string_view beginning) const override {
    return BeginsLikeEvents(beginning);
  }
  bool IsStream(std::string_view body) const override { return BeginsLikeEvents(body); }

 private:
  const Backend& backend_;
  const std::int64_t created_;
  AnthropicStream stream_;
  SseParser parser_{kMaxReply};
};

class AnthropicClient : public ProtocolClient {
 public:
  explicit AnthropicClient(HttpClient& http) : http_(http) {}

  Task<Result<ChatReply>> Chat(const ChatCall& call, const CallScope& scope) override {
    const std::size_t told = NotesOf(call);
    auto translated = Translate(call, false);
    if (!translated) co_return std::move(translated).error();
    auto reply = co_await ChatOnce(call, *translated, scope);
    if (reply.ok() || !Learns(call, reply.error(), told)) co_return reply;
    translated = Translate(call, false);
    if (!translated) co_return std::move(translated).error();
    reply = co_await ChatOnce(call, *translated, scope);
    if (!reply.ok()) (void)Learns(call, reply.error(), NotesOf(call));
    co_return reply;
  }

  Task<Result<StreamSummary>> Stream(const ChatCall& call, ChunkSink& sink,
                                     const CallScope& scope) override {
    const std::size_t told = NotesOf(call);
    auto translated = Translate(call, true);
    if (!translated) co_return std::move(translated).error();
    auto summary = co_await StreamOnce(call, *translated, sink, scope);
    if (summary.ok() || !Learns(call, summary.error(), told)) co_return summary;
    translated = Translate(call, true);
    if (!translated) co_return std::move(translated).error();
    summary = co_await StreamOnce(call, *translated, sink, scope);
    if (!summary.ok()) (void)Learns(call, summary.error(), NotesOf(call));
    co_return summary;
  }

  Task<Result<RawReply>> Forward(const ChatCall& call, std::string_view path,
                                 const CallScope&) override {
    co_return Error{ErrorCode::kInvalid, "backend `" + call.backend->name +
                                             "` speaks Anthropic's API, which has no " +
                                             std::string(path)};
  }

 private:
  Result<TranslatedRequest> Translate(const ChatCall& call, bool stream) const {
    return ToAnthropicRequest(call.body->root(), *call.expert, stream, refused_.Of(call));
  }

  Task<Result<ChatReply>> ChatOnce(const ChatCall& call, const TranslatedRequest& translated,
                                   const CallScope& scope) {
    const OutboundRequest request = AnthropicRequestFor(call, translated.body);
    AnthropicTranslator translator(call);
    co_return co_await ChatTranslated(http_, call, request, translated, scope, translator);
  }

  Task<Result<StreamSummary>> StreamOnce(const ChatCall& call, const TranslatedRequest& translated,
                                         ChunkSink& sink, const CallScope& scope) {
    const OutboundRequest request = AnthropicRequestFor(call, translated.body);
    AnthropicTranslator translator(call);
    co_return co_await StreamTranslated(http_, call, request, translated, scope, translator, sink);
  }

  static std::size_t NotesOf(const ChatCall& call) {
    return call.notes == nullptr ? 0 : call.notes->told.size();
  }

  // Whether the model has refused what can be said otherwise, so that it is worth asking again. Of
  // what was told of the request before, `told` notes stay.
  bool Learns(const ChatCall& call, const Error& error, std::size_t told) {
    anthropic::Refusals refused = refused_.Of(call);
    if (error.code != ErrorCode::kInvalid) return false;
    if (!anthropic::Learn(error.message, &refused)) return false;
    refused_.Keep(call, refused);
    if (call.notes != nullptr) call.notes->told.resize(told);
    return true;
  }

  HttpClient& http_;
  ModelMemory<anthropic::Refusals> refused_;
};

}  // namespace

std::unique_ptr<ProtocolClient> MakeAnthropicClient(HttpClient& http) {
  return std::make_unique<AnthropicClient>(http);
}

}  // namespace moerge
