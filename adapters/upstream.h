// What the protocol clients share: a backend's key, requests made from a call, replies that are no
// answer as Errors. Threads: any; no state.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "adapters/http_client.h"
#include "config/base/secret.h"

namespace moerge {

// The most of a whole reply, and of one event of a stream, that is read.
inline constexpr std::size_t kMaxReply = 32 << 20;

// The backend's key from the environment; empty if it has none or the variable is not set.
Secret BackendKey(const Backend& backend);

// Adds the backend's key, and what its protocol wants beside it.
void AddBackendKey(const Backend& backend, OutboundRequest* request);

// A POST of `body` to `url` with the backend's headers, key and parameters, the call's identifiers
// and the timeouts that hold until the answer has begun; from then on the backend's idle_timeout
// does, which readers set.
OutboundRequest MakeRequest(const ChatCall& call, std::string url,
                            std::vector<std::string_view> body);

// The Error for a status that is not 2xx; reads a little of the body for its message. Never holds
// the backend's key.
Task<Error> ErrorFromReply(const Backend& backend, InboundResponse& response,
                           AnswerNotes* notes = nullptr);
// Pure part of it.
Error ErrorFromStatus(const Backend& backend, int status, std::string_view retry_after,
                      std::string_view body);
// A kUpstream for a reply or stream that is no answer: "backend `x`: <what>". Never holds the
// backend's key, whatever `what` quotes.
Error NotAnAnswer(const Backend& backend, std::string_view what);
// For an error in the shape of a success: "backend `x`: <what>: <its text>", kUpstream. Where it
// says that the request, a limit or the key is at fault, it counts as if that were the reply's
// status; its code, type and field go through as with one.
Error ErrorInAnswer(const Backend& backend, std::string_view what, std::string_view body);
// For a stream that is over, but not its answer, where something came that is no part of one:
// `left_out`, as it may be shown, or lines that are no events, as they came.
Error ErrorBehind(const Backend& backend, std::string_view left_out, std::string_view lines);
// What an error object or text in a backend's reply says, at most 300 bytes, without the key.
std::string QuoteError(const Backend& backend, std::string_view body);
// Any text of a backend's without its key and whatever else of the environment it is sent. Of a
// whole text: what is cut before may end in a part of a key.
std::string WithoutSecrets(const Backend& backend, std::string text);
// Any text of a backend's as it may be shown: short, in one line, without the key.
std::string ShownText(const Backend& backend, std::string text);

// The whole body of a 2xx reply; another status is an Error.
Task<Result<std::string>> FetchBody(HttpClient& http, const Backend& backend,
                                    const OutboundRequest& request, const CallScope& scope,
                                    AnswerNotes* notes = nullptr);

// The whole of a body, without a byte order mark and blanks before it. Until it has begun the
// call's patience holds, then the backend's idle_timeout.
Task<Result<std::string>> ReadWhole(const Backend& backend, InboundResponse& response);

// Sends, and decodes what comes if it is compressed. A reply of any status but 2xx is an Error; of
// any content type it is fine, as servers and relays label what they send as they like.
Task<Result<std::unique_ptr<InboundResponse>>> SendToBackend(HttpClient& http,
                                                             const Backend& backend,
                                                             const OutboundRequest& request,
                                                             const CallScope& scope,
                                                             AnswerNotes* notes);
// Its content type without parameters.
std::string_view ContentType(const InboundResponse& response);
// The first bytes of a body that are not blank (nor a byte order mark), by which it is told what it
// is; empty: there are none.
Task<Result<std::string>> ReadBeginning(InboundResponse& response);

}  // namespace moerge
