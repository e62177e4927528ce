#include "registry/decision_queue.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "config/base/log.h"

namespace moerge {
namespace {

std::size_t BytesOf(const DecisionRecord& record) { return sizeof(record) + record.json.size(); }

std::size_t BytesOf(const std::vector<DecisionRecord>& records) {
  std::size_t bytes = 0;
  for (const DecisionRecord& record : records) bytes += BytesOf(record);
  return bytes;
}

}  // namespace

DecisionQueue::DecisionQueue(Metrics& metrics, StoreHealth& health, std::size_t capacity)
    : health_(health),
      lost_total_(
          metrics.GetCounter("moerge_decisions_lost_total",
                             "Decisions that could not be kept: queue full or store failed")),
      written_total_(
          metrics.GetCounter("moerge_decisions_written_total", "Decisions written to the store")),
      waiting_gauge_(metrics.GetGauge("moerge_decisions_waiting",
                                      "Decisions that wait to be written to the store")),
      capacity_(std::max(capacity, kGroup)) {}

DecisionRecord DecisionQueue::New() {
  const std::lock_guard lock(mutex_);
  if (spent_.empty()) return {};
  DecisionRecord record = std::move(spent_.back());
  spent_.pop_back();
  return record;
}

bool DecisionQueue::Add(DecisionRecord record) {
  constexpr std::string_view kFull = "the queue to the store was full";
  const std::size_t bytes = BytesOf(record);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < capacity_ && bytes_ + bytes <= kMaxBytes) {
      waiting_.push_back(std::move(record));
      bytes_ += bytes;
      const bool first = waiting_.size() == 1;
      const bool retrying = !first && due_ > Clock::now() + kGather;
      if (first) due_ = Clock::now() + kGather;
      if (waiting_.size() == kGroup && !retrying) due_ = Clock::time_point::min();
      return first || (waiting_.size() == kGroup && !retrying);
    }
    lost_.emplace_back(std::move(record.id), kFull);
    if (lost_.size() > kMaxLost) lost_.pop_front();
  }
  Lose(1, kFull);
  return false;
}

DecisionQueue::Clock::time_point DecisionQueue::Due() const {
  const std::lock_guard lock(mutex_);
  return due_;
}

void DecisionQueue::Write(Store& store, Clock::time_point now) {
  while (WriteGroup(store, now)) {
  }
}

void DecisionQueue::WriteLast(Store& store) {
  while (Due() != Clock::time_point::max()) {
    failures_ = kTries;
    Write(store);
  }
}

bool DecisionQueue::WriteGroup(Store& store, Clock::time_point now) {
  if (!TakeGroup()) return false;
  const Status status = store.decisions().Add(writing_);
  health_.Set(StoreHealth::Part::kDecisions, status);
  if (status.ok()) {
    failures_ = 0;
    written_ += writing_.size();
    written_total_.Add(static_cast<double>(writing_.size()));
    KeepRoom();
    return true;
  }
  if (status.error().code != ErrorCode::kUnavailable) {
    LoseGroup(status.error().message);
    return true;
  }
  if (++failures_ >= kTries) LoseGroup(status.error().message);
  PutBack(now + kRetry);  // waiting for the lock holds up everything else
  return false;
}

bool DecisionQueue::TakeGroup() {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() <= kGroup) {
    writing_.swap(waiting_);
    waiting_.reserve(kGroup);
  } else {
    const auto end = waiting_.begin() + kGroup;
    writing_.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
  }
  bytes_ -= BytesOf(writing_);
  if (waiting_.empty()) due_ = Clock::time_point::max();
  waiting_gauge_.Set(static_cast<double>(waiting_.size()));
  return !writing_.empty();
}

void DecisionQueue::PutBack(Clock::time_point due) {
  const std::lock_guard lock(mutex_);
  bytes_ += BytesOf(writing_);
  writing_.insert(writing_.end(), std::make_move_iterator(waiting_.begin()),
                  std::make_move_iterator(waiting_.end()));
  waiting_ = std::exchange(writing_, {});
  due_ = waiting_.empty() ? Clock::time_point::max() : due;
  waiting_gauge_.Set(static_cast<double>(waiting_.size()));
}

// What one thread allocates and another frees costs both of them more than what each uses again.
void DecisionQueue::KeepRoom() {
  std::vector<DecisionRecord> group;
  {
    const std::lock_guard lock(mutex_);
    group = std::exchange(writing_, {});
  }
  for (DecisionRecord& record : group) {
    for (std::string* text : {&record.id, &record.request_id, &record.policy, &record.expert,
                              &record.skill, &record.outcome, &record.client, &record.json}) {
      text->clear();
      if (text->capacity() > kMaxSpentText) text->shrink_to_fit();
    }
  }
  const std::lock_guard lock(mutex_);
  const std::size_t room = kMaxSpent - std::min(kMaxSpent, spent_.size());
  const auto end = group.begin() + static_cast<std::ptrdiff_t>(std::min(room, group.size()));
  spent_.insert(spent_.end(), std::make_move_iterator(group.begin()), std::make_move_iterator(end));
}

const DecisionRecord* DecisionQueue::Waiting(std::string_view id) const {
  for (const std::vector<DecisionRecord>* records : {&writing_, &waiting_}) {
    const auto found = std::ranges::find(*records, id, &DecisionRecord::id);
    if (found != records->end()) return &*found;
  }
  return nullptr;
}

std::optional<DecisionRecord> DecisionQueue::Find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const DecisionRecord* record = Waiting(id);
  if (record == nullptr) return std::nullopt;
  return *record;
}

std::optional<Error> DecisionQueue::WhyNotKept(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  if (Waiting(id) != nullptr) {
    return Error{.code = ErrorCode::kUnavailable,
                 .message = "the decision `" + std::string(id) +
                            "` waits to be written to the store; try again shortly",
                 .param = "decision",
                 .retry_after = std::chrono::seconds(1)};
  }
  for (const auto& [lost, why] : lost_) {
    if (lost != id) continue;
    return Error{.code = ErrorCode::kConflict,
                 .message = "the decision `" + lost + "` was made but could not be kept: " + why,
                 .param = "decision"};
  }
  return std::nullopt;
}

void DecisionQueue::LoseGroup(std::string_view why) {
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const DecisionRecord& record : writing_) lost_.emplace_back(record.id, why);
    while (lost_.size() > kMaxLost) lost_.pop_front();
    count = std::exchange(writing_, {}).size();
  }
  Lose(count, why);
}

void DecisionQueue::Lose(std::size_t count, std::string_view why) {
  lost_total_.Add(static_cast<double>(count));
  std::size_t said = 0;
  {
    const std::lock_guard lock(mutex_);
    unsaid_ += count;
    const auto now = Clock::now();
    if (now < next_say_) return;
    next_say_ = now + std::chrono::seconds(1);
    said = std::exchange(unsaid_, 0);
  }
  LogWarning("decisions were lost", {{"count", said}, {"why", why}});
}

}  // namespace moerge
