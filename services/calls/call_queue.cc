#include "services/calls/call_queue.h"

#include <algorithm>

namespace moerge {
namespace {

double SecondsBetween(CallQueue::Time from, CallQueue::Time to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

void CallQueue::Add(std::uint64_t id, std::uint64_t client, Time arrived) {
  if (first_ == Time{}) first_ = arrived;
  by_client_[client].push_back({id, arrived});
  oldest_ = std::min(oldest_, arrived);
  arrivals_ += SecondsBetween(first_, arrived);
  ++size_;
}

void CallQueue::Remove(std::uint64_t id, std::uint64_t client) {
  const auto of = by_client_.find(client);
  const auto found = std::ranges::find(of->second, id, &Entry::id);
  const Entry gone = *found;
  of->second.erase(found);
  Forget(of, gone);
}

std::uint64_t CallQueue::TakeNext() {
  auto client = by_client_.upper_bound(last_client_);
  if (client == by_client_.end()) client = by_client_.begin();
  last_client_ = client->first;
  const Entry next = client->second.front();
  client->second.pop_front();
  Forget(client, next);
  return next.id;
}

// Each client's first is its oldest.
void CallQueue::Forget(ByClient::iterator client, const Entry& gone) {
  if (client->second.empty()) by_client_.erase(client);
  --size_;
  arrivals_ -= SecondsBetween(first_, gone.arrived);
  if (gone.arrived > oldest_) return;
  oldest_ = Time::max();
  for (const auto& [name, entries] : by_client_) {
    oldest_ = std::min(oldest_, entries.front().arrived);
  }
}

double CallQueue::Waited(Time now) const {
  return size_ == 0 ? 0 : size_ * SecondsBetween(first_, now) - arrivals_;
}

}  // namespace moerge
