// The load for streams and idle connections in the proxy benchmark: one thread, one epoll. Checks
// every response: 200, the whole body, for a stream all events and [DONE]. Prints one line of JSON;
// exits with 1 when a response failed.
//
//   --port N          where the proxy listens on 127.0.0.1 (needed)
//   --body FILE       the JSON to send (needed)
//   --header 'N: V'   one more header field; may be given several times
//   --chunks N        events that a stream must have at least (100)
//   --timeout S       everything must be over by then (60)
// and one of
//   --connections N --seconds S   N streams at a time, one after the other on each connection;
//                                 --spread-ms T opens them evenly over that time, so that streams
//                                 do not begin and end all together
//   --streams N                   N streams all at once, one each
//   --idle N                      N connections with one response each, few at a time; then holds
//                                 them, says so on standard output, until standard input ends
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/proxy/options.h"
#include "tests/bench/proxy/response_reader.h"
#include "tests/bench/proxy/sockets.h"
#include "tests/bench/proxy/tally.h"

namespace moerge::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  int port;
  std::string request;
  long connections;
  long at_a_time;  // requests in flight
  bool repeat;     // the next request follows on the same connection
  bool streams;    // responses are event streams
  long chunks;
  std::chrono::milliseconds duration;
  std::chrono::milliseconds spread;
};

struct Exchange {
  int fd = -1;
  bool sent = false;
  ResponseReader reader;
  Clock::time_point start;
};

class Client {
 public:
  explicit Client(const Settings& settings) : settings_(settings) {}

  // Returns when all is done or the time is over.
  void Run() {
    start_ = Clock::now();
    const Clock::time_point end = start_ + settings_.duration;
    while (OpenMore() && Clock::now() < end) WaitForEvents(end);
    tally_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    if (!settings_.repeat) FailUnfinished();
  }

  // Number of connections that the other side has not closed.
  long StillOpen() {
    long open = 0;
    for (const std::unique_ptr<Exchange>& exchange : exchanges_) {
      if (!exchange) continue;
      const ssize_t size = recv(exchange->fd, buffer_, sizeof buffer_, 0);
      if (size < 0 && errno == EAGAIN) ++open;
    }
    return open;
  }

  Tally& tally() { return tally_; }

 private:
  // False when there is nothing left to do.
  bool OpenMore() {
    const long due = Due();
    while (opened_ < due && in_flight_ < settings_.at_a_time) {
      ++opened_;
      Open();
    }
    return in_flight_ > 0 || opened_ < settings_.connections;
  }

  // Connections that may be open by now.
  long Due() const {
    const auto passed = Clock::now() - start_;
    if (passed >= settings_.spread) return settings_.connections;
    const double share = std::chrono::duration<double>(passed) / settings_.spread;
    return 1 + static_cast<long>(share * static_cast<double>(settings_.connections - 1));
  }

  void Open() {
    const int fd = Connect(settings_.port);
    if (fd < 0) return tally_.Fail("connection refused");
    if (exchanges_.size() <= static_cast<size_t>(fd)) exchanges_.resize(fd + 1);
    exchanges_[fd] = std::make_unique<Exchange>();
    exchanges_[fd]->fd = fd;
    ++in_flight_;
    Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLOUT);
  }

  void WaitForEvents(Clock::time_point end) {
    epoll_event events[256];
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    const bool opening = opened_ < settings_.connections && in_flight_ < settings_.at_a_time;
    const int limit = opening ? 1 : static_cast<int>(left.count()) + 1;
    const int count = epoll_wait(epoll_, events, 256, limit);
    for (int i = 0; i < count; ++i) Dispatch(*exchanges_[events[i].data.fd]);
  }

  void Dispatch(Exchange& exchange) {
    if (exchange.sent) return Receive(exchange);
    Watch(epoll_, EPOLL_CTL_MOD, exchange.fd, EPOLLIN);
    Send(exchange);
  }

  // A request is smaller than a socket's buffer, so it leaves at once or not at all.
  void Send(Exchange& exchange) {
    const std::string& request = settings_.request;
    exchange.reader = ResponseReader();
    exchange.start = Clock::now();
    exchange.sent = true;
    const ssize_t sent = send(exchange.fd, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) Drop(exchange, "request not taken");
  }

  void Receive(Exchange& exchange) {
    const ssize_t size = recv(exchange.fd, buffer_, sizeof buffer_, 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return Drop(exchange, "closed before the end");
    const int events_before = exchange.reader.events().events();
    const bool had_begun = exchange.reader.body_started();
    exchange.reader.Feed({buffer_, static_cast<size_t>(size)});
    tally_.chunks += exchange.reader.events().events() - events_before;
    if (exchange.reader.body_started()) ++tally_.reads;
    if (!had_begun && exchange.reader.body_started()) Begin(exchange);
    if (exchange.reader.complete() || exchange.reader.failed()) Finish(exchange);
  }

  void Begin(const Exchange& exchange) {
    tally_.Began();
    tally_.first_byte_us.push_back(Since(exchange));
  }

  void Finish(Exchange& exchange) {
    const std::string reason = FailureOf(exchange.reader);
    if (!reason.empty()) return Drop(exchange, reason);
    ++tally_.streams;
    --tally_.concurrent;
    tally_.whole_us.push_back(Since(exchange));
    if (settings_.repeat) return Send(exchange);
    --in_flight_;  // stays open, and idle
    Watch(epoll_, EPOLL_CTL_DEL, exchange.fd, 0);
  }

  std::string FailureOf(const ResponseReader& reader) const {
    if (reader.failed()) return "malformed response";
    if (reader.status() != 200) return "status " + std::to_string(reader.status());
    if (!settings_.streams) return {};
    if (reader.events().error()) return "error event";
    if (!reader.events().done()) return "no [DONE]";
    return reader.events().events() < settings_.chunks ? "events missing" : "";
  }

  void Drop(Exchange& exchange, const std::string& reason) {
    tally_.Fail(reason);
    if (exchange.reader.body_started()) --tally_.concurrent;
    --in_flight_;
    const int fd = exchange.fd;
    close(fd);
    exchanges_[fd].reset();
    if (settings_.repeat && tally_.failed < kMostFailures) Open();
  }

  void FailUnfinished() {
    for (; in_flight_ > 0; --in_flight_) tally_.Fail("not finished in time");
    for (; opened_ < settings_.connections; ++opened_) tally_.Fail("not begun in time");
  }

  static uint32_t Since(const Exchange& exchange) {
    return static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - exchange.start)
            .count());
  }

  static constexpr long kMostFailures = 10'000;  // then connections are not opened again

  const Settings settings_;
  const int epoll_ = Checked(epoll_create1(0), "epoll_create1");
  std::vector<std::unique_ptr<Exchange>> exchanges_;  // by descriptor
  long opened_ = 0;
  long in_flight_ = 0;
  Clock::time_point start_;
  Tally tally_;
  char buffer_[64 * 1024];
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Refuse("cannot read the body's file '" + path + "'");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string BuildRequest(const Options& options) {
  const std::string body = ReadFile(options.Text("body", ""));
  std::string request =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      "Content-Type: application/json\r\nAccept: */*\r\n";
  for (const std::string& line : options.All("header")) request += line + "\r\n";
  return request + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Settings ReadSettings(const Options& options) {
  constexpr long kIdleAtATime = 32;
  const long idle = options.Number("idle", 0);
  const long streams = options.Number("streams", 0);
  const long repeated = options.Number("connections", 0);
  if ((idle > 0) + (streams > 0) + (repeated > 0) != 1) {
    Refuse("exactly one of --connections, --streams and --idle is needed");
  }
  if (options.Number("port", 0) == 0) Refuse("--port is needed");
  const long seconds = options.Number(repeated > 0 ? "seconds" : "timeout", 60);
  const long connections = idle + streams + repeated;
  return {static_cast<int>(options.Number("port", 0)),
          BuildRequest(options),
          connections,
          idle > 0 ? kIdleAtATime : connections,
          repeated > 0,
          idle == 0,
          options.Number("chunks", 100),
          std::chrono::seconds(seconds),
          std::chrono::milliseconds(options.Number("spread-ms", 0))};
}

void HoldUntilInputEnds(Client& client) {
  char ignored[64];
  while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) continue;
  std::printf("{\"still_open\":%ld}\n", client.StillOpen());
}

}  // namespace
}  // namespace moerge::bench

int main(int argc, char** argv) {
  using namespace moerge::bench;
  const Options options(argc, argv,
                        {"port", "body", "header", "chunks", "timeout", "connections", "seconds",
                         "spread-ms", "streams", "idle"});
  RaiseDescriptorLimit();
  const auto client = std::make_unique<Client>(ReadSettings(options));
  client->Run();
  client->tally().Print();
  if (options.Number("idle", 0) > 0) HoldUntilInputEnds(*client);
  return client->tally().failed > 0 ? 1 : 0;
}
