// The static upstream of the proxy benchmark: one thread, one epoll, answers prepared at start.
// A chat request gets one fixed completion, or with "stream": true a head, `--chunks` events and
// [DONE], each in a write of its own. Streams are served in turn, one event each, so that a proxy
// sees events of many streams mixed, as it does in front of a model server.
//
//   --port N      0 (default): a free one; the chosen one is printed as `listening PORT`
//   --chunks N    events per stream (100)
//   --pace-us N   time between two events of one stream (0: as fast as the client takes them)
//   --cut N       close each stream after N events, without [DONE]
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/proxy/options.h"
#include "tests/bench/proxy/replies.h"
#include "tests/bench/proxy/request_head.h"
#include "tests/bench/proxy/sockets.h"

namespace moerge::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  int fd = -1;
  long id = 0;         // descriptors are used again, ids are not
  std::string input;   // received, not yet answered
  std::string output;  // answered, not yet taken by the socket
  size_t next_event = 0;
  bool streaming = false;
  bool waits_for_room = false;
};

struct Turn {
  Clock::time_point due;
  int fd;
  long id;
};

struct Settings {
  int chunks;
  std::chrono::microseconds pace;
  long cut;  // events before a stream is cut; above `chunks`: never
};

class Upstream {
 public:
  Upstream(int listener, const Settings& settings)
      : listener_(listener), settings_(settings), replies_(settings.chunks) {
    Watch(epoll_, EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void Run() {
    for (;;) {
      WaitForEvents();
      TakeDueTurns();
    }
  }

 private:
  void WaitForEvents() {
    epoll_event events[256];
    timespec wait{};
    const timespec* limit = UntilNextTurn(wait) ? &wait : nullptr;
    const int count = epoll_pwait2(epoll_, events, 256, limit, nullptr);
    for (int i = 0; i < count; ++i) Dispatch(events[i]);
  }

  bool UntilNextTurn(timespec& wait) const {
    if (turns_.empty()) return false;
    const auto left =
        std::chrono::duration_cast<std::chrono::nanoseconds>(turns_.front().due - Clock::now());
    if (left.count() <= 0) return true;
    wait.tv_sec = left.count() / 1'000'000'000;
    wait.tv_nsec = left.count() % 1'000'000'000;
    return true;
  }

  void Dispatch(const epoll_event& event) {
    if (event.data.fd == listener_) return Accept();
    const std::unique_ptr<Connection>& connection = connections_[event.data.fd];
    if (!connection) return;  // closed by an earlier event of the same round
    if (connection->waits_for_room && (event.events & EPOLLOUT)) Resume(*connection);
    if (connection && (event.events & ~EPOLLOUT)) Read(*connection);
  }

  void Accept() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) return;
      SendAtOnce(fd);
      Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN);
      if (connections_.size() <= static_cast<size_t>(fd)) connections_.resize(fd + 1);
      connections_[fd] = std::make_unique<Connection>();
      connections_[fd]->fd = fd;
      connections_[fd]->id = ++last_id_;
    }
  }

  void Close(Connection& connection) {
    close(connection.fd);
    connections_[connection.fd].reset();
  }

  void Read(Connection& connection) {
    const ssize_t size = recv(connection.fd, buffer_, sizeof buffer_, 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return Close(connection);
    connection.input.append(buffer_, static_cast<size_t>(size));
    Answer(connection);
  }

  // Answers what is there, pipelined requests in one write, up to a request for a stream.
  void Answer(Connection& connection) {
    if (connection.streaming) return;
    while (!connection.streaming) {
      const std::optional<Request> request = FindRequest(connection.input);
      if (!request) break;
      connection.input.erase(0, request->size);
      connection.streaming = request->stream;
      connection.output += request->stream ? replies_.stream_head
                           : request->chat ? replies_.plain
                                           : replies_.models;
    }
    connection.next_event = 0;
    // The first event waits for no turn: time to first byte is the proxy's alone.
    if (!connection.output.empty() && Send(connection) && connection.streaming) {
      SendEvent(connection);
    }
  }

  // True when all of the output has left. The connection may be gone otherwise.
  bool Send(Connection& connection) {
    const ssize_t sent =
        send(connection.fd, connection.output.data(), connection.output.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      Close(connection);
      return false;
    }
    connection.output.erase(0, sent < 0 ? 0 : static_cast<size_t>(sent));
    WaitForRoom(connection, !connection.output.empty());
    return connection.output.empty();
  }

  void WaitForRoom(Connection& connection, bool wait) {
    if (connection.waits_for_room == wait) return;
    connection.waits_for_room = wait;
    Watch(epoll_, EPOLL_CTL_MOD, connection.fd, wait ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  void Resume(Connection& connection) {
    if (Send(connection)) Continue(connection);
  }

  void TakeDueTurns() {
    if (turns_.empty()) return;
    const Clock::time_point now = Clock::now();
    for (size_t left = turns_.size(); left > 0 && turns_.front().due <= now; --left) {
      const Turn turn = turns_.front();
      turns_.pop_front();
      const std::unique_ptr<Connection>& connection = connections_[turn.fd];
      if (connection && connection->id == turn.id) SendEvent(*connection);
    }
  }

  void SendEvent(Connection& connection) {
    if (static_cast<long>(connection.next_event) == settings_.cut) return Close(connection);
    connection.output = replies_.events[connection.next_event++];
    if (Send(connection)) Continue(connection);
  }

  void Continue(Connection& connection) {
    if (!connection.streaming) return;
    if (connection.next_event < replies_.events.size()) {
      // One pace for all keeps the queue in the order of time.
      turns_.push_back({Clock::now() + settings_.pace, connection.fd, connection.id});
      return;
    }
    connection.streaming = false;
    Answer(connection);
  }

  const int epoll_ = Checked(epoll_create1(0), "epoll_create1");
  const int listener_;
  const Settings settings_;
  const Replies replies_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::deque<Turn> turns_;
  long last_id_ = 0;
  char buffer_[64 * 1024];
};

Settings ReadSettings(const Options& options) {
  const long chunks = options.Number("chunks", 100);
  if (chunks < 2 || chunks > 100'000) Refuse("--chunks: allowed is 2 to 100000");
  return {static_cast<int>(chunks), std::chrono::microseconds(options.Number("pace-us", 0)),
          options.Number("cut", chunks + 2)};
}

}  // namespace
}  // namespace moerge::bench

int main(int argc, char** argv) {
  using namespace moerge::bench;
  const Options options(argc, argv, {"port", "chunks", "pace-us", "cut"});
  RaiseDescriptorLimit();
  const int listener = Listen(static_cast<int>(options.Number("port", 0)));
  const auto upstream = std::make_unique<Upstream>(listener, ReadSettings(options));
  std::printf("listening %d\n", PortOf(listener));
  std::fflush(stdout);
  upstream->Run();
}
