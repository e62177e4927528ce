// Calls of experts whose API is another than OpenAI's: what Anthropic's and Ollama's have in
// common. A stream where a whole answer was asked for is taken, and the other way round. Threads:
// the loop of the call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "adapters/completion.h"
#include "adapters/http_client.h"
#include "adapters/translated_request.h"

namespace moerge {

// One reply on its way into OpenAI's shape. Pure; for one reply.
class ReplyTranslator {
 public:
  virtual ~ReplyTranslator() = default;

  // Takes the next bytes of a stream, cut anywhere, and appends the chunks that they become.
  // Errors: kUpstream, for an error in the stream and for what is no part of one.
  virtual Status Feed(std::string_view bytes, std::vector<std::string>* chunks) = 0;
  // The stream has ended, maybe without an end of its last line.
  virtual Status End(std::vector<std::string>* chunks) = 0;
  virtual bool done() const = 0;
  virtual ChunkWriter& writer() = 0;

  // A whole reply. Errors: kUpstream, if it is none.
  virtual Result<ChatReply> Whole(std::string_view body) = 0;
  // Whether a reply of this content type that begins so is to be read as a stream.
  virtual bool BeginsStream(std::string_view type, std::string_view beginning) const = 0;
  // Whether a body that was read whole is a stream.
  virtual bool IsStream(std::string_view body) const = 0;
};

// `request` is `translated`, ready to be sent. Errors: as ProtocolClient says.
Task<Result<ChatReply>> ChatTranslated(HttpClient& http, const ChatCall& call,
                                       const OutboundRequest& request,
                                       const TranslatedRequest& translated, const CallScope& scope,
                                       ReplyTranslator& translator);
Task<Result<StreamSummary>> StreamTranslated(HttpClient& http, const ChatCall& call,
                                             const OutboundRequest& request,
                                             const TranslatedRequest& translated,
                                             const CallScope& scope, ReplyTranslator& translator,
                                             ChunkSink& sink);

// A whole body, be it a reply or a stream.
Result<ChatReply> TranslateBody(std::string_view body, const Backend& backend,
                                ReplyTranslator& translator);

// Whether a body begins as server-sent events do.
bool BeginsLikeEvents(std::string_view body);

}  // namespace moerge
