#include "registry/memory_store.h"

#include <algorithm>

#include "registry/decision_filter.h"
#include "registry/decision_pieces.h"
#include "registry/stored_state.h"

namespace moerge {
namespace {

DecisionRecord Readable(DecisionRecord record) {
  record.json = Unpacked(record.json);
  return record;
}

}  // namespace

Result<std::uint64_t> MemoryStore::Apply(const StoreChange& change) {
  ApplyChange(change, &state_);
  ForgetObservations(change);
  AddObservations(change.add_observations);
  for (const auto& limit : change.limit_observations) LimitObservations(limit);
  for (const Feedback& one : change.put_feedback) feedback_[{one.decision, one.key}] = one;
  for (const std::string& id : change.remove_proposals) {
    std::erase_if(proposals_, [&](const ProposalRecord& one) { return one.id == id; });
  }
  for (const ProposalRecord& one : change.put_proposals) PutProposal(one);
  return ++state_.revision;
}

void MemoryStore::PutProposal(const ProposalRecord& proposal) {
  for (ProposalRecord& known : proposals_) {
    if (known.id == proposal.id) return void(known = proposal);
  }
  proposals_.push_back(proposal);
}

void MemoryStore::ForgetObservations(const StoreChange& change) {
  for (const ObservationKey& key : change.forget_observations) {
    const auto at = observation_of_.find({key.source, key.id});
    if (at == observation_of_.end()) continue;
    observations_.erase(at->second);
    observation_of_.erase(at);
  }
  for (const std::string& source : change.forget_sources) {
    auto at = observation_of_.lower_bound({source, ""});
    while (at != observation_of_.end() && at->first.first == source) {
      observations_.erase(at->second);
      at = observation_of_.erase(at);
    }
  }
}

void MemoryStore::AddObservations(const std::vector<Observation>& observations) {
  for (const Observation& one : observations) {
    const auto [at, fresh] = observation_of_.try_emplace({one.source, one.id}, next_observation_);
    if (fresh) ++next_observation_;
    observations_[at->second] = one;
  }
}

void MemoryStore::LimitObservations(const StoreChange::Limit& limit) {
  std::vector<std::uint64_t> numbers;
  for (auto at = observation_of_.lower_bound({limit.source, ""});
       at != observation_of_.end() && at->first.first == limit.source; ++at) {
    numbers.push_back(at->second);
  }
  const auto keep = static_cast<std::size_t>(std::max<std::int64_t>(limit.keep, 0));
  if (numbers.size() <= keep) return;
  std::sort(numbers.begin(), numbers.end());
  numbers.resize(numbers.size() - keep);
  for (const std::uint64_t number : numbers) {
    const Observation& old = observations_.at(number);
    observation_of_.erase({old.source, old.id});
    observations_.erase(number);
  }
}

Status MemoryStore::VisitObservations(const std::function<bool(const Observation&)>& visit) {
  for (const auto& [number, observation] : observations_) {
    if (!visit(observation)) break;
  }
  return Ok{};
}

Status MemoryStore::AddDecisions(const std::vector<DecisionRecord>& decisions) {
  decisions_.insert(decisions_.end(), decisions.begin(), decisions.end());
  return Ok{};
}

Result<std::vector<DecisionRecord>> MemoryStore::ListDecisions(const DecisionFilter& filter) {
  auto at = decisions_.rbegin();
  if (!filter.before_id.empty()) {
    at = std::find_if(at, decisions_.rend(),
                      [&](const DecisionRecord& record) { return record.id == filter.before_id; });
    if (at == decisions_.rend()) return NoSuchPage(filter.before_id);
    ++at;
  }
  std::vector<DecisionRecord> page;
  const std::size_t limit = PageSize(filter);
  for (; at != decisions_.rend() && page.size() < limit; ++at) {
    if (Matches(filter, *at)) page.push_back(Readable(*at));
  }
  return page;
}

Result<std::optional<DecisionRecord>> MemoryStore::GetDecision(std::string_view id) {
  const auto at = std::find_if(decisions_.rbegin(), decisions_.rend(),
                               [&](const DecisionRecord& record) { return record.id == id; });
  if (at == decisions_.rend()) return std::optional<DecisionRecord>();
  return std::optional(Readable(*at));
}

Result<std::optional<Feedback>> MemoryStore::GetFeedback(std::string_view decision,
                                                         std::string_view key) {
  const auto at = feedback_.find({std::string(decision), std::string(key)});
  if (at == feedback_.end()) return std::optional<Feedback>();
  return std::optional(at->second);
}

Status MemoryStore::TrimDecisions(const DecisionRetention& keep) {
  const WallTime oldest = OldestKept(keep, std::chrono::system_clock::now());
  const std::size_t count = static_cast<std::size_t>(std::max<std::int64_t>(keep.max_count, 0));
  while (!decisions_.empty() && (decisions_.size() > count || decisions_.front().time < oldest)) {
    decisions_.pop_front();
  }
  const WallTime first = decisions_.empty() ? WallTime::max() : decisions_.front().time;
  std::erase_if(feedback_, [&](const auto& entry) { return entry.second.decided < first; });
  return Ok{};
}

Result<std::vector<ProposalRecord>> MemoryStore::ListProposals() {
  std::vector<ProposalRecord> list(proposals_.rbegin(), proposals_.rend());
  for (ProposalRecord& one : list) one.json.clear();
  return list;
}

Result<std::optional<ProposalRecord>> MemoryStore::GetProposal(std::string_view id) {
  for (const ProposalRecord& one : proposals_) {
    if (one.id == id) return std::optional(one);
  }
  return std::optional<ProposalRecord>();
}

Result<std::optional<std::string>> MemoryStore::GetBlob(std::string_view key) {
  const auto at = blobs_.find(key);
  if (at == blobs_.end()) return std::optional<std::string>();
  return std::optional(at->second);
}

Status MemoryStore::PutBlob(std::string_view key, std::string_view value) {
  blobs_.insert_or_assign(std::string(key), std::string(value));
  return Ok{};
}

}  // namespace moerge
