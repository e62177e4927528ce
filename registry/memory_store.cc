#include "registry/memory_store.h"

#include <algorithm>

#include "registry/decision_filter.h"
#include "registry/revision.h"
#include "registry/stored_state.h"

namespace moerge {
Result<std::uint64_t> MemoryRegistry::Apply(const StoreChange& change, std::uint64_t expected) {
  if (expected != state_.revision) return RevisionMoved(state_.revision, expected);
  ApplyChange(change, &state_);
  observations_.Take(change);
  proposals_.Take(change);
  audit_.Take(change);
  return state_.revision;
}

void MemoryAudit::Take(const StoreChange& change) {
  for (const AuditRecord& record : change.audit) {
    records_.push_back(record);
    records_.back().id = static_cast<std::int64_t>(records_.size());
  }
}

Result<std::vector<AuditRecord>> MemoryAudit::List(const AuditFilter& filter) {
  std::vector<AuditRecord> page;
  for (auto at = records_.rbegin(); at != records_.rend(); ++at) {
    if (page.size() == static_cast<std::size_t>(filter.limit)) break;
    if (filter.before_id > 0 && at->id >= filter.before_id) continue;
    if (moerge::Matches(filter, *at)) page.push_back(*at);
  }
  return page;
}

void MemoryProposals::Take(const StoreChange& change) {
  for (const std::string& id : change.remove_proposals) {
    std::erase_if(proposals_, [&](const ProposalRecord& one) { return one.id == id; });
  }
  for (const ProposalRecord& put : change.put_proposals) {
    const auto known = std::find_if(proposals_.begin(), proposals_.end(),
                                    [&](const ProposalRecord& one) { return one.id == put.id; });
    known == proposals_.end() ? proposals_.push_back(put) : void(*known = put);
  }
}

void MemoryObservations::Take(const StoreChange& change) {
  Forget(change);
  Add(change.add_observations);
  for (const auto& limit : change.limit_observations) Limit(limit);
  for (const Feedback& one : change.put_feedback) feedback_[{one.decision, one.key}] = one;
}

void MemoryObservations::Forget(const StoreChange& change) {
  for (const ObservationKey& key : change.forget_observations) {
    const auto at = number_of_.find({key.source, key.id});
    if (at == number_of_.end()) continue;
    observations_.erase(at->second);
    number_of_.erase(at);
  }
  for (const std::string& source : change.forget_sources) {
    auto at = number_of_.lower_bound({source, ""});
    while (at != number_of_.end() && at->first.first == source) {
      observations_.erase(at->second);
      at = number_of_.erase(at);
    }
  }
}

void MemoryObservations::Add(const std::vector<Observation>& observations) {
  for (const Observation& one : observations) {
    const auto [at, fresh] = number_of_.try_emplace({one.source, one.id}, next_);
    if (fresh) ++next_;
    observations_[at->second] = one;
  }
}

void MemoryObservations::Limit(const StoreChange::Limit& limit) {
  std::vector<std::uint64_t> numbers;
  for (auto at = number_of_.lower_bound({limit.source, ""});
       at != number_of_.end() && at->first.first == limit.source; ++at) {
    numbers.push_back(at->second);
  }
  const auto keep = static_cast<std::size_t>(std::max<std::int64_t>(limit.keep, 0));
  if (numbers.size() <= keep) return;
  std::sort(numbers.begin(), numbers.end());
  numbers.resize(numbers.size() - keep);
  for (const std::uint64_t number : numbers) {
    const Observation& old = observations_.at(number);
    number_of_.erase({old.source, old.id});
    observations_.erase(number);
  }
}

Status MemoryObservations::Visit(const std::function<bool(const Observation&)>& visit) {
  for (const auto& [number, observation] : observations_) {
    if (!visit(observation)) break;
  }
  return Ok{};
}

Status MemoryDecisions::Add(const std::vector<DecisionRecord>& decisions) {
  decisions_.insert(decisions_.end(), decisions.begin(), decisions.end());
  for (const DecisionRecord& one : decisions) {
    if (!TookSomething(one)) continue;
    const UsageKey key{HourOf(one.time), one.policy, one.expert, one.skill, one.client};
    AddTo(SumsOf(one), &usage_[key]);
  }
  return Ok{};
}

Result<std::vector<DecisionRecord>> MemoryDecisions::List(const DecisionFilter& filter) {
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
    if (!moerge::Matches(filter, *at)) continue;
    page.push_back(*at);
    if (!filter.with_json) page.back().json.clear();
  }
  return page;
}

Result<std::optional<DecisionRecord>> MemoryDecisions::Get(std::string_view id) {
  const auto at = std::find_if(decisions_.rbegin(), decisions_.rend(),
                               [&](const DecisionRecord& record) { return record.id == id; });
  if (at == decisions_.rend()) return std::optional<DecisionRecord>();
  return std::optional(*at);
}

Result<std::optional<Feedback>> MemoryObservations::FindFeedback(std::string_view decision,
                                                                 std::string_view key) {
  const auto at = feedback_.find({std::string(decision), std::string(key)});
  if (at == feedback_.end()) return std::optional<Feedback>();
  return std::optional(at->second);
}

Result<std::vector<Feedback>> MemoryObservations::ListFeedback(int limit) {
  std::vector<Feedback> newest;
  for (const auto& [key, feedback] : feedback_) {
    newest.push_back(feedback);
    newest.back().skills.clear();
  }
  std::ranges::stable_sort(newest, std::ranges::greater(), &Feedback::decision);
  const auto most = static_cast<std::size_t>(std::max(limit, 0));
  if (newest.size() > most) newest.resize(most);
  return newest;
}

Result<std::vector<Feedback>> MemoryObservations::FeedbackOn(std::string_view decision) {
  std::vector<Feedback> found;
  for (const auto& [key, feedback] : feedback_) {
    if (feedback.decision != decision) continue;
    found.push_back(feedback);
    found.back().skills.clear();
  }
  return found;
}

void MemoryObservations::ForgetFeedback(WallTime decided_before) {
  std::erase_if(feedback_,
                [&](const auto& entry) { return entry.second.decided < decided_before; });
}

bool MemoryDecisions::Matches(const UsageFilter& filter, const UsageKey& key) {
  const auto same = [](const std::optional<std::string>& wanted, const std::string& value) {
    return !wanted.has_value() || *wanted == value;
  };
  return key.hour >= HourOf(filter.since) && StartOfHour(key.hour) <= filter.until &&
         same(filter.policy, key.policy) && same(filter.expert, key.expert) &&
         same(filter.skill, key.skill) && same(filter.client, key.client);
}

const std::string& MemoryDecisions::ValueOf(UsageGroup group, const UsageKey& key) {
  static const std::string all;
  switch (group) {
    case UsageGroup::kAll: return all;
    case UsageGroup::kPolicy: return key.policy;
    case UsageGroup::kExpert: return key.expert;
    case UsageGroup::kSkill: return key.skill;
    case UsageGroup::kClient: return key.client;
  }
  return all;
}

Result<std::vector<UsageRow>> MemoryDecisions::Usage(const UsageFilter& filter) {
  std::map<std::pair<std::int64_t, std::string>, UsageSums> sums;  // by -start and value
  for (const auto& [key, more] : usage_) {
    if (!Matches(filter, key)) continue;
    const std::int64_t start = StartOfRow(key.hour, filter);
    AddTo(more, &sums[{-start, ValueOf(filter.group, key)}]);
  }
  std::vector<UsageRow> rows;
  for (const auto& [key, each] : sums) {
    if (rows.size() == UsageRows(filter)) break;
    rows.push_back({StartOfHour(-key.first), key.second, each});
  }
  if (filter.percentiles) AddPercentiles(TimesOf(filter), &rows);
  return rows;
}

TimesByGroup MemoryDecisions::TimesOf(const UsageFilter& filter) const {
  TimesByGroup times;
  for (const DecisionRecord& one : decisions_) {
    const UsageKey key{HourOf(one.time), one.policy, one.expert, one.skill, one.client};
    if (one.outcome != "ok" || !Matches(filter, key)) continue;
    AnswerTimes& of = times[{StartOfRow(key.hour, filter), ValueOf(filter.group, key)}];
    of.latency.Add(LatencyBucketOf(one.latency_ms));
    if (one.first_token_ms > 0) of.first_token.Add(LatencyBucketOf(one.first_token_ms));
  }
  return times;
}

Result<bool> MemoryDecisions::Tidy(const DecisionRetention& keep) {
  const WallTime oldest = OldestKept(keep, std::chrono::system_clock::now());
  const std::size_t count = static_cast<std::size_t>(std::max<std::int64_t>(keep.max_count, 0));
  while (!decisions_.empty() && (decisions_.size() > count || decisions_.front().time < oldest)) {
    decisions_.pop_front();
  }
  const WallTime first = decisions_.empty() ? WallTime::max() : decisions_.front().time;
  observations_.ForgetFeedback(first);
  const std::int64_t oldest_usage = HourOf(std::chrono::system_clock::now() - kUsageKept);
  std::erase_if(usage_, [&](const auto& entry) { return entry.first.hour < oldest_usage; });
  return false;
}

Result<std::vector<ProposalRecord>> MemoryProposals::List() {
  std::vector<ProposalRecord> list(proposals_.rbegin(), proposals_.rend());
  for (ProposalRecord& one : list) one.json.clear();
  return list;
}

Result<std::optional<ProposalRecord>> MemoryProposals::Get(std::string_view id) {
  for (const ProposalRecord& one : proposals_) {
    if (one.id == id) return std::optional(one);
  }
  return std::optional<ProposalRecord>();
}

Result<std::optional<std::string>> MemoryBlobs::Get(std::string_view key) {
  const auto at = blobs_.find(key);
  if (at == blobs_.end()) return std::optional<std::string>();
  return std::optional(at->second);
}

Status MemoryBlobs::Put(std::string_view key, std::string_view value) {
  blobs_.insert_or_assign(std::string(key), std::string(value));
  return Ok{};
}

}  // namespace moerge
