// One request and the reply to it, as handlers see them.
//
// Owner: the session; an exchange lives until its handler returns. Threads: the session's event
// loop. Exactly one reply: Reply, or BeginStream ... EndStream. A handler that returns without one
// gets a 500 sent for it; one that returns inside a stream gets its connection cut, so that a cut
// stream never looks complete.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/cancellation.h"
#include "config/base/deadline.h"
#include "config/base/result.h"
#include "config/base/task.h"

namespace moerge::http {

struct Header {
  std::string_view name;
  std::string_view value;
};

struct Request {
  std::string_view method;
  std::string_view target;  // as sent
  std::string path;         // percent-decoded, without the query
  std::string_view query;   // as sent, without '?'
  std::vector<Header> headers;
  std::string body;
  std::string peer;                                // "127.0.0.1:4711"
  std::chrono::steady_clock::time_point received;  // first byte of the head

  // First header of that name (any case), or empty.
  std::string_view Find(std::string_view name) const;
  // Decoded value of a query parameter, or empty.
  std::string Query(std::string_view name) const;
};

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;
  // Takes the body out of the request, without a copy.
  virtual std::string TakeBody() = 0;
  // The next bytes of a body that its handler reads as it arrives (Handler::StreamsBody); none: it
  // has ended. What is not read is dropped with the connection. Errors: kCancelled, the client
  // left; kTimeout, nothing came for body_timeout; kInvalid, a malformed chunk.
  virtual Task<Result<std::string>> ReadBodyPiece() { co_return std::string(); }
  // Makes the body count as so many bytes among those of all requests (it was decompressed); false:
  // there is no room for it.
  virtual bool HoldBody(std::size_t) { return true; }
  virtual const Executor& executor() const = 0;
  // Cancelled when the client closes its connection or the server stops for good.
  virtual Cancellation& cancellation() = 0;

  // Headers for the reply, whatever it will be; before Reply or BeginStream.
  virtual void SetHeader(std::string_view name, std::string value) = 0;

  // Each suspends until the kernel has taken the bytes: that is the back-pressure of a slow client.
  // Errors: kCancelled, the client left.
  virtual Task<Status> Send(Reply reply) = 0;
  virtual Task<Status> BeginStream(int status, std::string_view content_type) = 0;
  // A stream of so many bytes, whose end is told by their number; else as BeginStream.
  virtual Task<Status> BeginSized(int status, std::string_view content_type, std::uint64_t) {
    co_return co_await BeginStream(status, content_type);
  }
  virtual Task<Status> Write(std::string_view bytes) = 0;  // nothing is sent for empty bytes
  virtual Task<Status> EndStream() = 0;

  // Bytes sent as they are, outside HTTP's framing, then usable with Abort: fault injection.
  virtual Task<Status> WriteUnframed(std::string_view bytes) = 0;
  // Closes the connection (with a reset if `reset`) once the handler returns.
  virtual void Abort(bool reset = false) = 0;

  virtual bool replied() const = 0;  // a reply or a stream was begun
  virtual int status() const = 0;    // of the reply; 0: none yet
  virtual std::size_t bytes_sent() const = 0;
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Must not throw; an exception is logged and becomes a 500.
  virtual Task<void> Handle(Exchange& exchange) = 0;
  // Whether Handle reads the request's body piece by piece; else it has the whole of it.
  virtual bool StreamsBody(const Request&) const { return false; }
  // Sets headers of the reply that the server itself is about to send to a request whose head was
  // read: its body is too large, too slow, malformed.
  virtual void BeginReply(Exchange&) const {}
  // The body of a reply that the server itself sends (400, 408, 413, 431, 503...), in the API's
  // shape.
  virtual Reply ErrorReply(int status, std::string_view message) const = 0;
};

}  // namespace moerge::http
