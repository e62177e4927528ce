// The HTTP client of one event loop, small on purpose: implementations are exchangeable.
//
// Owner: the event loop's worker. Threads: that loop only. Connections are kept alive and reused.
// Nothing throws; failures are Errors: kUnavailable (could not connect, connection lost before the
// reply's head: the request may be sent again), kOverloaded (no descriptor is left here: it
// says nothing about the expert), kUpstream (malformed or
// oversized reply, connection lost inside the reply), kTimeout, kCancelled.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/cancellation.h"
#include "config/base/deadline.h"
#include "config/base/result.h"
#include "config/base/task.h"

namespace moerge {

// How long and for whom a call may run. `cancellation` outlives the call; may be null.
struct CallScope {
  Deadline deadline = Deadline::Never();
  Cancellation* cancellation = nullptr;
};

// Of the kernel, for each connection to an expert: without a bound it grows to megabytes where a
// client reads slowly.
inline constexpr int kKernelReceiveBuffer = 256 << 10;

struct OutboundRequest {
  std::string_view method = "POST";
  std::string url;  // absolute, http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string_view> body;  // pieces, sent in order; they outlive the call
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds first_byte_timeout{120'000};  // 0: the scope's deadline alone
  std::chrono::milliseconds idle_timeout{60'000};         // likewise
  bool verify_tls = true;
  // Once, over a new connection, when a kept one ends before a byte of the answer: most likely it
  // was about to be closed, but the server may have read the request.
  bool resend = true;
};

// A reply whose head has arrived. Destroying it before the end aborts the transfer and closes its
// connection; after the end the connection is reused.
class InboundResponse {
 public:
  virtual ~InboundResponse() = default;

  virtual int status() const = 0;
  // Value of the first header of that name (any case), or empty.
  virtual std::string_view Header(std::string_view name) const = 0;
  // The next bytes of the body, at least one; empty at its proper end. The view is valid until the
  // next call. A slow reader slows the sender: at most 256 KiB are buffered.
  virtual Task<Result<std::string_view>> Read() = 0;
  // In place of the request's, from the next Read on.
  virtual void SetIdleTimeout(std::chrono::milliseconds limit) = 0;
  // The caller has what it wants and expects the end at once (after a stream's [DONE]): should it
  // come within a second and 64 KiB, the connection is kept. Call nothing but the destructor
  // afterwards.
  virtual void Finish() {}
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Sends the request and waits for the reply's head. `request` and `scope.cancellation` outlive
  // the response. Errors as above; an HTTP error status is not an Error.
  virtual Task<Result<std::unique_ptr<InboundResponse>>> Send(const OutboundRequest& request,
                                                              const CallScope& scope) = 0;
};

// The rest of the body, at most `limit` bytes; more is an Error (kUpstream).
Task<Result<std::string>> ReadAll(InboundResponse& response, std::size_t limit);

// libcurl's multi interface: HTTP/1.1 and 2, TLS verified against the system's roots, proxies from
// the environment.
std::unique_ptr<HttpClient> MakeCurlClient(const Executor& executor);
// Our own HTTP/1.1 for plain http, at a fraction of libcurl's cost; https is kInvalid, proxies are
// not looked at.
std::unique_ptr<HttpClient> MakeLeanClient(const Executor& executor);
// What a server uses: the lean client for plain http without a proxy, libcurl for the rest.
std::unique_ptr<HttpClient> MakeHttpClient(const Executor& executor);

}  // namespace moerge
