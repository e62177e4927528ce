#include "registry/latency.h"

#include <algorithm>
#include <bit>
#include <memory>

namespace moerge {
namespace {

constexpr double kTypical = 0.5;
// So many answers may be missing in what typical() says, where sixteen times as many are in it.
constexpr std::uint64_t kMostNew = 8;
constexpr double kHigh = 0.9;

struct Place {
  std::size_t block;
  std::size_t offset;
};

Place Locate(ExpertId expert, int first_bits) {
  const std::uint64_t n = std::uint64_t{Raw(expert)} + (std::uint64_t{1} << first_bits);
  const int bits = std::bit_width(n) - 1;
  return {static_cast<std::size_t>(bits - first_bits), n - (std::uint64_t{1} << bits)};
}

}  // namespace

static_assert(std::atomic<Latency>::is_always_lock_free);

void ExpertLatency::Add(const AnswerTime& answer) {
  using std::chrono::milliseconds;
  const auto when = std::chrono::duration_cast<milliseconds>(answer.when.time_since_epoch());
  last_ms_.store(when.count(), std::memory_order_relaxed);
  if (answer.first_ms > 0) first_.Add(answer.first_ms);
  answers_.Add(answer.ms);
}

Latency ExpertLatency::typical() const {
  const std::uint64_t count = answers_.count();
  const std::uint64_t at = known_at_.load(std::memory_order_acquire);
  if (at == count || (count > at && count - at < std::min<std::uint64_t>(at / 16, kMostNew))) {
    return known_.load(std::memory_order_relaxed);
  }
  const Latency now{static_cast<float>(answers_.Quantile(kTypical)),
                    static_cast<float>(answers_.Quantile(kHigh))};
  known_.store(now, std::memory_order_relaxed);
  known_at_.store(count, std::memory_order_release);
  return now;
}

WallTime ExpertLatency::last() const {
  return WallTime(std::chrono::milliseconds(last_ms_.load(std::memory_order_relaxed)));
}

void ExpertLatency::Clear() {
  answers_.Clear();
  first_.Clear();
  last_ms_.store(0, std::memory_order_relaxed);
  known_.store({}, std::memory_order_relaxed);
  known_at_.store(0, std::memory_order_release);
}

LatencyTable::~LatencyTable() {
  Visit([](ExpertId, ExpertLatency& of) { delete &of; });
  for (auto& block : blocks_) delete[] block.load(std::memory_order_relaxed);
}

LatencyTable::Slot* LatencyTable::SlotOf(ExpertId expert) const {
  const Place place = Locate(expert, kFirstBits);
  Slot* const block = blocks_[place.block].load(std::memory_order_acquire);
  return block == nullptr ? nullptr : &block[place.offset];
}

ExpertLatency* LatencyTable::Find(ExpertId expert) const {
  const Slot* slot = SlotOf(expert);
  return slot == nullptr ? nullptr : slot->load(std::memory_order_acquire);
}

Latency LatencyTable::Typical(ExpertId expert) const {
  const ExpertLatency* of = Find(expert);
  return of == nullptr ? Latency{} : of->typical();
}

LatencyTable::Slot& LatencyTable::MakeSlot(ExpertId expert) {
  const Place place = Locate(expert, kFirstBits);
  if (blocks_[place.block].load(std::memory_order_relaxed) == nullptr) {
    const std::size_t size = std::size_t{1} << (place.block + kFirstBits);
    blocks_[place.block].store(new Slot[size](), std::memory_order_release);
  }
  return blocks_[place.block].load(std::memory_order_relaxed)[place.offset];
}

ExpertLatency& LatencyTable::Of(ExpertId expert) {
  if (ExpertLatency* known = Find(expert)) return *known;
  const std::lock_guard lock(growing_);
  Slot& slot = MakeSlot(expert);
  if (slot.load(std::memory_order_relaxed) == nullptr) {
    slot.store(new ExpertLatency, std::memory_order_release);
  }
  return *slot.load(std::memory_order_relaxed);
}

void LatencyTable::Visit(const std::function<void(ExpertId, ExpertLatency&)>& visit) const {
  std::uint32_t id = 0;
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const std::uint64_t size = std::uint64_t{1} << (b + kFirstBits);
    const Slot* const block = blocks_[b].load(std::memory_order_acquire);
    for (std::uint64_t i = 0; block != nullptr && i < size; ++i) {
      ExpertLatency* of = block[i].load(std::memory_order_acquire);
      if (of != nullptr) visit(ExpertId{static_cast<std::uint32_t>(id + i)}, *of);
    }
    id += static_cast<std::uint32_t>(size);
  }
}

}  // namespace moerge
