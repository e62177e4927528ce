#include "services/http/server.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "config/base/log.h"
#include "services/http/body_room.h"
#include "services/http/descriptors.h"
#include "services/http/session.h"

namespace moerge::http {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::milliseconds kTick{100};
// Of the kernel, for each connection. Without a bound they grow to some megabytes under a client
// that does not read, or sends what is not read.
constexpr int kListenerReceiveBuffer = 256 << 10;
constexpr int kListenerUnsent = 128 << 10;
const std::vector<double> kLagBuckets = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3};

// Of a listener, whose connections inherit it.
void BoundBuffers(int listener) {
  setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &kListenerReceiveBuffer,
             sizeof kListenerReceiveBuffer);
  setsockopt(listener, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kListenerUnsent, sizeof kListenerUnsent);
}

// Open connections of all loops, and a way to wait for the last one.
class ConnectionCount {
 public:
  explicit ConnectionCount(Metrics& metrics)
      : gauge_(metrics.GetGauge("moerge_http_connections", "Open client connections.")) {}

  int Add() {
    gauge_.Add(1);
    return ++count_;
  }
  void Remove() {
    gauge_.Add(-1);
    if (--count_ > 0) return;
    const std::lock_guard lock(mutex_);
    none_.notify_all();
  }
  bool WaitNone(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, time, [this] { return count_ == 0; });
  }

 private:
  std::atomic<int> count_{0};
  Gauge& gauge_;
  std::mutex mutex_;
  std::condition_variable none_;
};

}  // namespace

// One event loop, its thread, its handler and its connections. Everything but the constructor and
// Join runs on the loop's thread, reached by posting.
class Worker {
 public:
  Worker(const ServerOptions& options, ConnectionCount& connections, BodyRoom& bodies,
         Metrics& metrics)
      : work_(asio::make_work_guard(loop_)),
        tick_(loop_.get_executor()),
        connections_(connections),
        lag_(metrics.GetHistogram("moerge_event_loop_lag_seconds",
                                  "How late an event loop ran a timer.", kLagBuckets)),
        host_(loop_.get_executor(), bodies) {
    host_.options = &options;
    host_.ended = [this] { connections_.Remove(); };
  }

  Executor executor() { return loop_.get_executor(); }
  asio::io_context& loop() { return loop_; }

  void Start(std::unique_ptr<Handler> handler) {
    handler_ = std::move(handler);
    host_.handler = handler_.get();
    tick_due_ = Session::Clock::now() + kTick;
    ScheduleTick();
    thread_ = std::thread([this] { loop_.run(); });
  }

  // Hands over a connection. Any thread.
  void Take(TcpSocket socket, Session::Admission admission) {
    connections_.Add();
    auto open = [this, admission, socket = std::move(socket)]() mutable {
      Session::Start(std::make_shared<Session>(std::move(socket), host_, admission));
    };
    asio::dispatch(loop_, std::move(open));
  }

  void Drain() {
    asio::post(loop_, [this] {
      host_.draining = true;
      ForEachSession([](Session& session) { session.CloseIfIdle(); });
    });
  }

  void KillAll() {
    asio::post(loop_, [this] { ForEachSession([](Session& session) { session.Kill(); }); });
  }

  void Join() {
    asio::post(loop_, [this] {
      tick_.cancel();
      work_.reset();
      loop_.stop();
    });
    if (thread_.joinable()) thread_.join();
  }

 private:
  // A session may end, and leave the list, while it is visited; it takes no other with it.
  template <class Visit>
  void ForEachSession(const Visit& visit) {
    for (auto at = host_.sessions.begin(); at != host_.sessions.end();) visit(**at++);
  }

  void ScheduleTick() {
    tick_.expires_at(tick_due_);
    tick_.async_wait([this](const boost::system::error_code& error) {
      if (!error) Tick();
    });
  }

  void Tick() {
    const auto now = Session::Clock::now();
    lag_.Observe(std::chrono::duration<double>(now - tick_due_).count());
    ForEachSession([now](Session& session) { session.CheckExpiry(now); });
    FlushLog();
    tick_due_ = now + kTick;
    ScheduleTick();
  }

  asio::io_context loop_{1};
  asio::executor_work_guard<Executor> work_;
  SteadyTimer tick_;
  Session::Clock::time_point tick_due_;
  ConnectionCount& connections_;
  Histogram& lag_;
  SessionHost host_;
  std::unique_ptr<Handler> handler_;
  std::thread thread_;
};

struct Server::Impl {
  using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

  ServerOptions options;
  HandlerFactory make_handler;
  LogBuffering buffering;  // a tick writes what waits
  ConnectionCount connections;
  BodyRoom bodies;
  Counter& refused;
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<SteadyTimer> pause;
  std::size_t next = 0;
  std::atomic<bool> stopping{false};
  std::uint16_t port = 0;

  Impl(ServerOptions o, HandlerFactory m, Metrics& metrics)
      : options(std::move(o)),
        make_handler(std::move(m)),
        connections(metrics),
        bodies(options.max_pending_body_bytes),
        refused(metrics.GetCounter("moerge_http_connections_refused_total",
                                   "Connections over server.max_connections.")) {
    for (int i = 0; i < std::max(1, options.threads); ++i) {
      workers.push_back(std::make_unique<Worker>(options, connections, bodies, metrics));
    }
  }

  Status Listen();
  void Accept();
  void OnAccept(const boost::system::error_code& error, TcpSocket socket);
  void Admit(Worker& worker, TcpSocket socket);
  void Refuse(TcpSocket socket);
  void AcceptLater();
};

Status Server::Impl::Listen() {
  const std::string where = options.host + ":" + std::to_string(options.port);
  boost::system::error_code error;
  const auto address =
      asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
  if (error) {
    return Error{ErrorCode::kInvalid, "server.listen: " + options.host +
                                          " is not an IP address (a host name is not looked up)"};
  }
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  acceptor = std::make_unique<Acceptor>(workers[0]->executor());
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
  if (!error) BoundBuffers(acceptor->native_handle());
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(4096, error);
  if (error) {
    return Error{ErrorCode::kUnavailable, "cannot listen on " + where + ": " + error.message() +
                                              "; set server.listen to another address or port"};
  }
  port = acceptor->local_endpoint(error).port();
  return Ok{};
}

void Server::Impl::Accept() {
  Worker& worker = *workers[next++ % workers.size()];
  acceptor->async_accept(worker.executor(),
                         [this, &worker](const boost::system::error_code& error, TcpSocket socket) {
                           if (stopping) return;
                           if (error) {
                             LogWarning("cannot accept a connection", {{"error", error.message()}});
                             return AcceptLater();
                           }
                           Admit(worker, std::move(socket));
                           Accept();
                         });
}

void Server::Impl::Admit(Worker& worker, TcpSocket socket) {
  using Admission = Session::Admission;
  const int open = connections.Add();
  if (open > options.max_connections) refused.Add();
  if (open > options.max_connections + kTurnedAwayAtOnce) {
    Refuse(std::move(socket));
  } else {
    const bool room = open <= options.max_connections;
    worker.Take(std::move(socket), room ? Admission::kServed : Admission::kTurnedAway);
  }
  connections.Remove();
}

// Out of file descriptors, most likely: connections wait in the kernel's queue meanwhile.
void Server::Impl::AcceptLater() {
  pause->expires_after(std::chrono::milliseconds(100));
  pause->async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopping) Accept();
  });
}

// Where even those that are turned away are too many: whoever does not look before it writes sees a
// broken connection.
void Server::Impl::Refuse(TcpSocket socket) {
  constexpr std::string_view kBusy =
      "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n"
      "connection: close\r\n\r\n";
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kBusy), ignored);
  socket.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
}

Server::Server(ServerOptions options, HandlerFactory make_handler, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(make_handler), metrics)) {}

Server::~Server() { Stop(std::chrono::milliseconds(0)); }

Status Server::Start() {
  if (Status listening = impl_->Listen(); !listening) return listening;
  impl_->pause = std::make_unique<SteadyTimer>(impl_->workers[0]->executor());
  for (std::size_t i = 0; i < impl_->workers.size(); ++i) {
    Worker& worker = *impl_->workers[i];
    worker.Start(impl_->make_handler(worker.executor(), static_cast<int>(i)));
  }
  asio::post(impl_->workers[0]->loop(), [impl = impl_.get()] { impl->Accept(); });
  return Ok{};
}

std::uint16_t Server::port() const { return impl_->port; }

std::vector<Executor> Server::loops() const {
  std::vector<Executor> loops;
  for (const auto& worker : impl_->workers) loops.push_back(worker->executor());
  return loops;
}

void Server::Stop(std::chrono::milliseconds grace) {
  if (impl_->stopping.exchange(true) || impl_->acceptor == nullptr) return;
  asio::post(impl_->workers[0]->loop(), [impl = impl_.get()] {
    boost::system::error_code ignored;
    impl->acceptor->close(ignored);
    impl->pause->cancel();
  });
  for (auto& worker : impl_->workers) worker->Drain();
  if (!impl_->connections.WaitNone(grace)) {
    for (auto& worker : impl_->workers) worker->KillAll();
    impl_->connections.WaitNone(std::chrono::seconds(5));
  }
  for (auto& worker : impl_->workers) worker->Join();
}

}  // namespace moerge::http
