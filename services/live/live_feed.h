// What happens, for whoever watches: decisions as they are made, and sums of all requests. Nobody
// watching costs a request a few plain additions.
//
// Owner: the composition root, with the API's shared parts. Any thread, except where said.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace moerge {

class LiveFeed {
 public:
  using Clock = std::chrono::steady_clock;
  using Row = std::shared_ptr<const std::string>;

  static constexpr int kListeners = 32;
  static constexpr std::size_t kKept = 1024;  // rows that a slow listener may be behind
  static constexpr std::chrono::milliseconds kWindow{250};
  static constexpr int kRowsPerWindow = 32;  // beyond those rows are counted, not shown

  // Sums since the start.
  struct Totals {
    std::int64_t requests = 0;  // that asked experts and have ended
    std::int64_t errors = 0;
    std::int64_t cancelled = 0;
    std::int64_t in_flight = 0;
    std::int64_t tokens = 0;
    double cost_usd = 0;
    std::int64_t left_out = 0;  // rows that nobody was shown
    bool operator==(const Totals&) const = default;
  };

  // What one event loop counts: written by that loop alone, read by any thread.
  class Counts {
   public:
    void Begin() { Add(&in_flight_, std::int64_t{1}); }
    void End() { Add(&in_flight_, std::int64_t{-1}); }
    enum class Ended { kOk, kError, kCancelled };
    void Count(Ended how, std::int64_t tokens, double cost_usd);

   private:
    friend class LiveFeed;
    template <class Number>
    static void Add(std::atomic<Number>* sum, Number more) {
      sum->store(sum->load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }
    std::atomic<std::int64_t> in_flight_{0}, requests_{0}, errors_{0}, cancelled_{0}, tokens_{0};
    std::atomic<double> cost_usd_{0};
  };

  // Reads rows at its own pace. Owner: the handler that serves it. Threads: its loop.
  class Listener {
   public:
    explicit Listener(LiveFeed& feed);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // The rows since the last time; how many it missed.
    std::int64_t Take(std::vector<Row>* rows);

   private:
    LiveFeed& feed_;
    std::int64_t next_;  // number of the row that it has not seen
  };

  // For a new event loop.
  std::shared_ptr<Counts> AddLoop();
  Totals Sum() const;

  // Null: kListeners are there already, or the feed is closed.
  std::unique_ptr<Listener> Listen();
  // Whether a row of this moment will be shown; if not, but to somebody, it is counted. Cheap. Then
  // Add it.
  bool WantsRow(Clock::time_point now) {
    return listeners_.load(std::memory_order_relaxed) > 0 && HasRoom(now);
  }
  void Add(std::string row);

  // The server stops: listeners are to end.
  void Close() { closed_.store(true, std::memory_order_relaxed); }
  bool closed() const { return closed_.load(std::memory_order_relaxed); }

 private:
  bool HasRoom(Clock::time_point now);

  std::atomic<int> listeners_{0};
  std::atomic<bool> closed_{false};
  std::atomic<std::int64_t> window_{0};  // its number
  std::atomic<int> in_window_{0};
  std::atomic<std::int64_t> left_out_{0};

  mutable std::mutex mutex_;
  std::deque<Row> rows_;
  std::int64_t end_ = 0;  // number of the row that comes next
  std::vector<std::shared_ptr<Counts>> loops_;
};

}  // namespace moerge
