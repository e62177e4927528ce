#include "adapters/deadline_watch.h"

#include <algorithm>

namespace moerge {
namespace {

constexpr std::chrono::milliseconds kResolution{2};

}  // namespace

DeadlineWatch::DeadlineWatch(const Executor& executor)
    : timer_(executor), self_(std::make_shared<DeadlineWatch*>(this)) {}

DeadlineWatch::~DeadlineWatch() {
  *self_ = nullptr;
  while (first_ != nullptr) first_->Leave();
}

void DeadlineWatch::Entry::Leave() {
  if (watch_ == nullptr) return;
  if (watch_->cursor_ == this) watch_->cursor_ = next_;
  (previous_ != nullptr ? previous_->next_ : watch_->first_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  watch_ = nullptr;
  previous_ = next_ = nullptr;
}

void DeadlineWatch::Set(Entry& entry, Clock::time_point due) {
  if (entry.watch_ == nullptr) {
    entry.watch_ = this;
    entry.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &entry;
    first_ = &entry;
  }
  entry.due_ = due;
  if (due < armed_) Arm(due);
}

void DeadlineWatch::Arm(Clock::time_point due) {
  armed_ = due;
  timer_.expires_at(due);
  timer_.async_wait([self = self_](const boost::system::error_code& error) {
    if (!error && *self != nullptr) (*self)->Fire();
  });
}

void DeadlineWatch::Fire() {
  const Clock::time_point now = Clock::now();
  if (now < armed_) return;  // re-armed while this call was queued
  armed_ = Clock::time_point::max();
  Clock::time_point next = Clock::time_point::max();
  const std::shared_ptr<DeadlineWatch*> self = self_;
  for (cursor_ = first_; cursor_ != nullptr;) {
    Entry& entry = *cursor_;
    cursor_ = entry.next_;
    if (entry.due_ > now) {
      next = std::min(next, entry.due_);
      continue;
    }
    entry.due_ = Clock::time_point::max();
    entry.OnDue();
    if (*self == nullptr) return;
  }
  if (next < armed_) Arm(std::max(next, now + kResolution));
}

}  // namespace moerge
