// Calls that wait for one thing. Clients take turns; each one's calls go in the order in which they
// came. Pure. Owner: a ResidencyPlan. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>

namespace moerge {

class CallQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // REQUIRES: no call came later before.
  void Add(std::uint64_t id, std::uint64_t client, Time arrived);
  // REQUIRES: it waits.
  void Remove(std::uint64_t id, std::uint64_t client);
  // REQUIRES: one waits.
  std::uint64_t TakeNext();

  int size() const { return size_; }
  // When the one that waits longest came; max(): none waits.
  Time oldest() const { return oldest_; }
  // Seconds that all of them together have waited.
  double Waited(Time now) const;

 private:
  struct Entry {
    std::uint64_t id = 0;
    Time arrived{};
  };
  using ByClient = std::map<std::uint64_t, std::deque<Entry>>;

  void Forget(ByClient::iterator client, const Entry& gone);

  ByClient by_client_;
  std::uint64_t last_client_ = 0;  // whose call went last
  int size_ = 0;
  Time first_{};         // call ever
  double arrivals_ = 0;  // the sum of the times at which they came, seconds since `first_`
  Time oldest_ = Time::max();
};

}  // namespace moerge
