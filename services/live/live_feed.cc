#include "services/live/live_feed.h"

#include <algorithm>
#include <utility>

namespace moerge {

void LiveFeed::Counts::Count(Ended how, std::int64_t tokens, double cost_usd) {
  Add(&requests_, std::int64_t{1});
  if (how == Ended::kError) Add(&errors_, std::int64_t{1});
  if (how == Ended::kCancelled) Add(&cancelled_, std::int64_t{1});
  Add(&tokens_, tokens);
  Add(&cost_usd_, cost_usd);
}

LiveFeed::Listener::Listener(LiveFeed& feed) : feed_(feed) {
  feed_.listeners_.fetch_add(1);
  const std::lock_guard lock(feed_.mutex_);
  next_ = feed_.end_;
}

LiveFeed::Listener::~Listener() {
  if (feed_.listeners_.fetch_sub(1) > 1) return;
  const std::lock_guard lock(feed_.mutex_);
  feed_.rows_.clear();
}

std::int64_t LiveFeed::Listener::Take(std::vector<Row>* rows) {
  const std::lock_guard lock(feed_.mutex_);
  const std::int64_t first = feed_.end_ - static_cast<std::int64_t>(feed_.rows_.size());
  const std::int64_t missed = std::max<std::int64_t>(first - next_, 0);
  rows->assign(feed_.rows_.begin() + (next_ + missed - first), feed_.rows_.end());
  next_ = feed_.end_;
  return missed;
}

std::shared_ptr<LiveFeed::Counts> LiveFeed::AddLoop() {
  auto counts = std::make_shared<Counts>();
  const std::lock_guard lock(mutex_);
  loops_.push_back(counts);
  return counts;
}

LiveFeed::Totals LiveFeed::Sum() const {
  Totals sum;
  sum.left_out = left_out_.load(std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  for (const auto& loop : loops_) {
    sum.requests += loop->requests_.load(std::memory_order_relaxed);
    sum.errors += loop->errors_.load(std::memory_order_relaxed);
    sum.cancelled += loop->cancelled_.load(std::memory_order_relaxed);
    sum.in_flight += loop->in_flight_.load(std::memory_order_relaxed);
    sum.tokens += loop->tokens_.load(std::memory_order_relaxed);
    sum.cost_usd += loop->cost_usd_.load(std::memory_order_relaxed);
  }
  return sum;
}

std::unique_ptr<LiveFeed::Listener> LiveFeed::Listen() {
  if (closed() || listeners_.load() >= kListeners) return nullptr;
  return std::make_unique<Listener>(*this);
}

// Of two loops that begin a window at once both may clear the count: some rows more are shown.
bool LiveFeed::HasRoom(Clock::time_point now) {
  const std::int64_t window = now.time_since_epoch() / kWindow;
  if (window_.exchange(window, std::memory_order_relaxed) != window) {
    in_window_.store(0, std::memory_order_relaxed);
  }
  if (in_window_.fetch_add(1, std::memory_order_relaxed) < kRowsPerWindow) return true;
  left_out_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void LiveFeed::Add(std::string row) {
  auto shared = std::make_shared<const std::string>(std::move(row));
  const std::lock_guard lock(mutex_);
  rows_.push_back(std::move(shared));
  if (rows_.size() > kKept) rows_.pop_front();
  ++end_;
}

}  // namespace moerge
