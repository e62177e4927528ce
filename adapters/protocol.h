// How one kind of HTTP server is spoken to: OpenAI-compatible, Anthropic Messages, Ollama native.
// Stateless; one per protocol and event loop. Threads: the loop of the HttpClient.
//
// Errors: those of HttpClient, and: kRateLimited (429, with retry_after), kUnavailable (5xx),
// kInvalid (the expert refused the request itself: 400, 404, 413, 422; message quotes at most 300
// bytes of what it said), kUnauthorized (the backend refused our key), kUpstream (a 2xx that is not
// an answer: no JSON, HTML, a stream that ends early or carries an error event, an endless line).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/chat.h"
#include "adapters/http_client.h"

namespace moerge {

// A body that is passed through as it is: embeddings, legacy completions.
struct RawReply {
  int status = 200;
  std::string content_type;
  std::string body;
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
