// Successes of the last seconds that breakers were not told of, since nothing had failed: what they
// are credited with once something does. By model; one of many models that share a place with
// another may lose some. Any thread; a count that is lost between threads does not matter.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/breaker.h"
#include "config/base/hash.h"

namespace moerge {

class RecentSuccesses {
 public:
  using Clock = Breaker::Clock;

  void Add(std::string_view model, Clock::time_point now) {
    const std::uint64_t hash = Hash64(model);
    std::atomic<std::uint64_t>& place = places_[hash % kPlaces];
    const std::uint64_t fresh = SecondOf(now) << 32 | TagOf(hash);
    const std::uint64_t seen = place.load(std::memory_order_relaxed);
    const bool same = (seen & ~kCounts) == fresh;
    if (same && CountIn(seen) >= Breaker::kCredit) return;
    place.store(same ? seen + 1 : fresh | 1, std::memory_order_relaxed);
  }
  int Count(std::string_view model, Clock::time_point now) const {
    const std::uint64_t hash = Hash64(model);
    const std::uint64_t seen = places_[hash % kPlaces].load(std::memory_order_relaxed);
    const bool its = (seen & kTags) == TagOf(hash);
    return its && Recent(seen, now) ? CountIn(seen) : 0;
  }
  int CountAll(Clock::time_point now) const {
    int all = 0;
    for (const std::atomic<std::uint64_t>& place : places_) {
      const std::uint64_t seen = place.load(std::memory_order_relaxed);
      if (Recent(seen, now)) all += CountIn(seen);
    }
    return all;
  }

 private:
  // Of a place: the second, 24 bits that tell the model, and how many in that second.
  static constexpr std::size_t kPlaces = 16;
  static constexpr std::uint64_t kCounts = 0xff;
  static constexpr std::uint64_t kTags = 0xffffff00;

  static std::uint64_t TagOf(std::uint64_t hash) { return hash >> 32 & kTags; }
  static int CountIn(std::uint64_t seen) { return static_cast<int>(seen & kCounts); }
  static bool Recent(std::uint64_t seen, Clock::time_point now) {
    return (seen >> 32) + Breaker::kRecent.count() > SecondOf(now);
  }
  static std::uint64_t SecondOf(Clock::time_point now) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  }
  std::array<std::atomic<std::uint64_t>, kPlaces> places_{};
};

}  // namespace moerge
