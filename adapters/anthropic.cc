// Anthropic's Messages API: requests and answers are translated.
#include "adapters/anthropic_reply.h"
#include "adapters/anthropic_request.h"
#include "adapters/backend_headers.h"
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
    auto translated = ToAnthropicRequest(call.body->root(), *call.expert, false);
    if (!translated) co_return std::move(translated).error();
    const OutboundRequest request = AnthropicRequestFor(call, translated->body);
    AnthropicTranslator translator(call);
    co_return co_await ChatTranslated(http_, call, request, *translated, scope, translator);
  }

  Task<Result<StreamSummary>> Stream(const ChatCall& call, ChunkSink& sink,
                                     const CallScope& scope) override {
    auto translated = ToAnthropicRequest(call.body->root(), *call.expert, true);
    if (!translated) co_return std::move(translated).error();
    const OutboundRequest request = AnthropicRequestFor(call, translated->body);
    AnthropicTranslator translator(call);
    co_return co_await StreamTranslated(http_, call, request, *translated, scope, translator, sink);
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
