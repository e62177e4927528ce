// How often a time was how long: counts in buckets that grow with the time, each an eighth to a
// sixteenth as wide as it is long, so that any percentile can be read to about 6 %.
//
// After every 128 times all counts are halved: what is older than a few hundred times weighs next
// to nothing, whatever the rate at which they come. Any thread may add and read; nothing waits and
// nothing is allocated. Range: 0.125 ms to 35 minutes; what is shorter or longer counts as those.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace moerge {

inline constexpr std::size_t kLatencyBuckets = 192;
std::size_t LatencyBucketOf(double ms);  // below kLatencyBuckets

// The same counts of one thread, without fading.
class LatencyCounts {
 public:
  void Add(std::size_t bucket) {
    ++counts_[bucket];
    ++all_;
  }
  std::int64_t count() const { return all_; }
  // As LatencyHistogram::Quantile.
  double Quantile(double q) const;

 private:
  std::array<std::uint32_t, kLatencyBuckets> counts_{};
  std::int64_t all_ = 0;
};

class LatencyHistogram {
 public:
  static constexpr std::size_t kBuckets = kLatencyBuckets;
  static constexpr std::uint64_t kFadeEvery = 128;

  void Add(double ms);
  void Clear();

  // How many there ever were, faded ones included.
  std::uint64_t count() const { return count_.load(std::memory_order_acquire); }
  // The time that a share `q` (0..1) of the remembered ones did not exceed, in ms, by the lower
  // nearest rank: the longest of up to ten is not looked at for q = 0.9. 0: there are none.
  double Quantile(double q) const;

  // How many are remembered, by bucket; and back.
  using Counts = std::array<std::uint16_t, kBuckets>;
  Counts counts() const;
  void Restore(std::uint64_t count, const Counts& counts);

 private:
  void Fade();

  std::array<std::atomic<std::uint16_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> count_{0};
  std::atomic_flag changing_;  // held by whoever lowers counts
};

}  // namespace moerge
