// What the protocol clients share: a backend's key, requests made from a call, replies that are no
// answer as Errors. Threads: any; no state.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "adapters/http_client.h"
#include "config/base/json.h"
#include "config/base/secret.h"

namespace moerge {

// The most of a whole reply, and of one event of a stream, that is read.
inline constexpr std::size_t kMaxReply = 32 << 20;
inline constexpr std::size_t kMaxEvent = 4 << 20;

// The backend's key from the environment; empty if it has none or the variable is not set.
Secret BackendKey(const Backend& backend);

// A POST of `body` to `url`, with the call's identifiers and the backend's timeouts.
OutboundRequest MakeRequest(const ChatCall& call, std::string url,
                            std::vector<std::string_view> body);

// The string in this field of a reply; empty if there is none.
inline std::string_view StringAt(const json::Value& object, std::string_view key) {
  return object.Find(key).AsString().value_or("");
}

// The Error for a status that is not 2xx; reads a little of the body for its message. Never holds
// the backend's key.
Task<Error> ErrorFromReply(const Backend& backend, InboundResponse& response);
// Pure part of it.
Error ErrorFromStatus(const Backend& backend, int status, std::string_view retry_after,
                      std::string_view body);
// A kUpstream for a reply or stream that is no answer: "backend `x`: <what>". Never holds the
// backend's key, whatever `what` quotes.
Error NotAnAnswer(const Backend& backend, std::string_view what);
// What an error object or text in a backend's reply says, at most 300 bytes, without the key.
std::string QuoteError(const Backend& backend, std::string_view body);

// The whole body of a 2xx reply; another status is an Error.
Task<Result<std::string>> FetchBody(HttpClient& http, const Backend& backend,
                                    const OutboundRequest& request, const CallScope& scope);

// The response to a request for a stream, once it is known to be one: a 2xx of the content type
// `type`, or of none. Anything else is an Error.
Task<Result<std::unique_ptr<InboundResponse>>> OpenStream(HttpClient& http, const Backend& backend,
                                                          const OutboundRequest& request,
                                                          const CallScope& scope,
                                                          std::string_view type);

// Tokens by the rule of thumb of four bytes each.
std::int64_t EstimateTokens(std::size_t bytes);

}  // namespace moerge
