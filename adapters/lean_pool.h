// What the exchanges of one lean client share: idle keep-alive connections by origin, known
// addresses, reusable buffers, and the deadlines of everything under way.
//
// Owner: the client and its exchanges, by shared_ptr, so that either may go first. Threads: the
// loop of the client.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/deadline_watch.h"
#include "adapters/response_parser.h"
#include "adapters/url.h"
#include "config/base/send_queue.h"

namespace moerge {

using TcpEndpoint = boost::asio::ip::tcp::endpoint;

// Memory that one exchange needs and the next one reuses; an idle connection holds none.
struct LeanWorkspace {
  static constexpr std::size_t kInput = 16 << 10;
  std::unique_ptr<char[]> input{new char[kInput]};
  std::string head;
  ResponseParser parser;
};

struct LeanOrigin;

// A connection. Owner: the exchange that uses it, or its origin while it is idle.
struct LeanConnection {
  explicit LeanConnection(const Executor& executor) : socket(executor) {}
  TcpSocket socket;
  DeadlineWatch::Clock::time_point idle_since{};
  LeanOrigin* idle_at = nullptr;  // null while an exchange uses it
  bool watched = false;           // a wait for something to read is pending
};

struct LeanOrigin {
  std::string host;
  std::uint16_t port = 80;
  std::vector<std::shared_ptr<LeanConnection>> idle;  // the one used last at the end
  std::vector<TcpEndpoint> addresses;
  DeadlineWatch::Clock::time_point addresses_until{};  // when they must be looked up again
  // Until then no connection is kept: the server has said something that nobody asked for.
  DeadlineWatch::Clock::time_point doubted_until{};
};

class LeanPool : private DeadlineWatch::Entry {
 public:
  static constexpr std::size_t kMaxIdle = 256;  // per origin
  static constexpr std::chrono::seconds kIdleTime{30};
  // A wait costs a call of the kernel, which connections that are soon used again are spared.
  static constexpr std::chrono::milliseconds kWatchAfter{100};
  // A surplus answer that comes while the next request is under way cannot be told from that one's:
  // a server that has sent one is given no second chance to.
  static constexpr std::chrono::minutes kDoubt{10};
  static constexpr std::size_t kMaxSpare = 128;  // workspaces kept: 2 MB

  explicit LeanPool(const Executor& executor)
      : executor_(executor), sends_(SendQueue::Of(executor)), watch_(executor) {}
  ~LeanPool() override { Leave(); }

  const Executor& executor() const { return executor_; }
  SendQueue& sends() { return sends_; }
  DeadlineWatch& watch() { return watch_; }
  // Lives as long as the pool.
  LeanOrigin& OriginFor(const Url& url);

  // The idle connection used last; none: null. Whoever sends on it looks first whether it is quiet.
  std::shared_ptr<LeanConnection> TakeIdle(LeanOrigin& origin);
  // Once it has been idle for kWatchAfter the connection is watched: an idle server has nothing to
  // say, so that whatever arrives, an end or bytes nobody asked for, closes it.
  void GiveIdle(LeanOrigin& origin, std::shared_ptr<LeanConnection> connection);
  // Keeps no connections to a server for kDoubt that has said `bytes` without being asked. To say
  // nothing is in order, and so is a 408, which says that the connection's end is near.
  static void DoubtIfUnasked(LeanOrigin& origin, std::string_view bytes);
  // What has arrived on a connection that waits for no answer.
  static void DoubtIfUnasked(LeanOrigin& origin, const LeanConnection& connection);
  std::unique_ptr<LeanWorkspace> TakeWorkspace();
  void GiveWorkspace(std::unique_ptr<LeanWorkspace> workspace);

 private:
  void OnDue() override;
  void LookBy(DeadlineWatch::Clock::time_point when);
  static void WatchIdle(const std::shared_ptr<LeanConnection>& connection);

  Executor executor_;
  SendQueue& sends_;
  DeadlineWatch watch_;
  std::unordered_map<std::string, std::unique_ptr<LeanOrigin>> origins_;
  LeanOrigin* last_ = nullptr;  // asked for last
  std::string last_authority_;
  std::vector<std::unique_ptr<LeanWorkspace>> spare_;
  DeadlineWatch::Clock::time_point next_look_ = DeadlineWatch::Clock::time_point::max();
};

}  // namespace moerge
