#include "registry/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace moerge {
namespace {

constexpr double kLeast = 0.125;
// Of a double's bits, the exponent and the first three of the fraction: eight buckets an octave.
constexpr int kShift = 49;

std::uint64_t Place(double ms) { return std::bit_cast<std::uint64_t>(ms) >> kShift; }

// Where a bucket begins.
double Bound(std::size_t bucket) {
  return std::bit_cast<double>((Place(kLeast) + bucket) << kShift);
}

template <class Count>
double QuantileOf(const std::array<Count, kLatencyBuckets>& counts, std::uint64_t all, double q) {
  if (all == 0) return 0;
  const auto rank =
      static_cast<std::uint64_t>(std::clamp(q, 0.0, 1.0) * static_cast<double>(all - 1));
  std::size_t bucket = 0;
  std::uint64_t before = 0;
  while (before + counts[bucket] <= rank) before += counts[bucket++];
  const double within = (static_cast<double>(rank - before) + 0.5) / counts[bucket];
  return Bound(bucket) + within * (Bound(bucket + 1) - Bound(bucket));
}

}  // namespace

std::size_t LatencyBucketOf(double ms) {
  const double known = ms > kLeast ? ms : kLeast;  // NaN too
  return std::min<std::size_t>(Place(known) - Place(kLeast), kLatencyBuckets - 1);
}

double LatencyCounts::Quantile(double q) const {
  return QuantileOf(counts_, static_cast<std::uint64_t>(all_), q);
}

void LatencyHistogram::Add(double ms) {
  buckets_[LatencyBucketOf(ms)].fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t before = count_.fetch_add(1, std::memory_order_release);
  if ((before + 1) % kFadeEvery == 0) Fade();
}

// Additions go on meanwhile: what they add is not in `part`.
void LatencyHistogram::Fade() {
  if (changing_.test_and_set(std::memory_order_acquire)) return;
  for (auto& bucket : buckets_) {
    const std::uint16_t there = bucket.load(std::memory_order_relaxed);
    const auto part = static_cast<std::uint16_t>(there - there / 2);
    if (part > 0) bucket.fetch_sub(part, std::memory_order_relaxed);
  }
  changing_.clear(std::memory_order_release);
}

void LatencyHistogram::Clear() { Restore(0, Counts{}); }

void LatencyHistogram::Restore(std::uint64_t count, const Counts& counts) {
  while (changing_.test_and_set(std::memory_order_acquire)) {
  }
  for (std::size_t i = 0; i < kBuckets; ++i) {
    buckets_[i].store(counts[i], std::memory_order_relaxed);
  }
  count_.store(count, std::memory_order_release);
  changing_.clear(std::memory_order_release);
}

LatencyHistogram::Counts LatencyHistogram::counts() const {
  Counts counts;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    counts[i] = buckets_[i].load(std::memory_order_relaxed);
  }
  return counts;
}

double LatencyHistogram::Quantile(double q) const {
  const Counts counts = this->counts();
  return QuantileOf(counts, std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), q);
}

}  // namespace moerge
