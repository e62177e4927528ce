// How one kind of HTTP server is spoken to: OpenAI-compatible, Anthropic Messages, Ollama native.
// Stateless; one per protocol and event loop. Threads: the loop of the HttpClient.
//
// Errors: those of HttpClient, and: kRateLimited (429, with retry_after), kUnavailable (5xx, 409,
// 425, 499: it may work another time), kInvalid (the expert refused the request itself: 400, 422;
// the message quotes at most 300 bytes of what it said), kTooLarge (413), kTimeout (408),
// kUnauthorized (401, 403: the backend refused our key), kForbidden (402, 451: what the operator
// has to settle with the backend), kNotFound (404, 405: the model or the address is unknown there),
// kUpstream (a 2xx that is not an answer: no JSON, HTML, a stream that ends early or carries an
// error event, an endless line). Where the request is at fault, or a limit, `reason`, `param` and
// `type` are the expert's own; a prompt that its context has no room for is always
// kContextExceeded.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/chat.h"
#include "adapters/http_client.h"

namespace moerge {

inline constexpr std::string_view kContextExceeded = "context_length_exceeded";

// A body that is passed through as it is: embeddings, legacy completions.
struct RawReply {
  int status = 200;
  std::string content_type;
  std::string body;
  Usage usage = {};  // as the body says, else estimated
};

class ProtocolClient {
 public:
  virtual ~ProtocolClient() = default;

  virtual Task<Result<ChatReply>> Chat(const ChatCall& call, const CallScope& scope) = 0;

  // Returns once the stream has ended properly, or with the Error that ended it. Whether anything
  // was written is for the sink to know.
  virtual Task<Result<StreamSummary>> Stream(const ChatCall& call, ChunkSink& sink,
                                             const CallScope& scope) = 0;

  // POSTs the call's body to `path` below the base URL ("/embeddings") with the model replaced.
  // kInvalid for protocols that have no such path.
  virtual Task<Result<RawReply>> Forward(const ChatCall& call, std::string_view path,
                                         const CallScope& scope) = 0;

  // The same for a body that asks for a stream; returns as Stream does.
  virtual Task<Result<StreamSummary>> ForwardStream(const ChatCall& call, std::string_view path,
                                                    ChunkSink& sink, const CallScope& scope);
};

std::unique_ptr<ProtocolClient> MakeProtocolClient(Protocol protocol, HttpClient& http);

}  // namespace moerge
