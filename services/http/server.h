// An HTTP/1.1 server: one event loop per core, each with its own connections; one acceptor hands
// sockets to the loops round robin, so that long-lived connections stay balanced.
//
// Strict where leniency is a risk: a bad request line, bad header characters, a bad Content-Length,
// Content-Length beside Transfer-Encoding, two Hosts and the like get a 400 and a closed
// connection. A slow head or body gets 408, a head or body over its limit 431 or 413, a body for
// which all bodies together leave no room and the first request of a connection over
// max_connections 503. An idle connection holds no buffers, and the kernel's are bounded.
//
// Owner: the composition root. Threads: Start, Stop and port from the owner's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/base/metrics.h"
#include "config/base/result.h"
#include "services/http/exchange.h"

namespace moerge::http {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  int threads = 1;
  std::size_t max_body_bytes = 32u << 20;
  std::size_t max_pending_body_bytes = 512u << 20;  // of all requests under way
  std::size_t max_header_bytes = 32u << 10;
  int max_connections = 65'536;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds idle_timeout{300'000};
  std::chrono::milliseconds write_timeout{60'000};  // without a byte taken by the client
};

class Server {
 public:
  // Makes the handler of one event loop: what it holds (HTTP client, caches) belongs to that loop.
  using HandlerFactory = std::function<std::unique_ptr<Handler>(const Executor& loop, int index)>;

  Server(ServerOptions options, HandlerFactory make_handler, Metrics& metrics);
  ~Server();

  // Listens and starts the loops. Error: the address cannot be used (says which and why).
  Status Start();
  std::uint16_t port() const;
  // The event loops, one per thread; they exist from the constructor on and run from Start to Stop.
  // What else runs on them ends before Stop.
  std::vector<Executor> loops() const;
  // Stops accepting, lets requests under way finish for at most `grace`, then cancels them; joins.
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge::http
