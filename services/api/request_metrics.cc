#include "services/api/request_metrics.h"

#include <algorithm>

#include "registry/registry.h"

namespace moerge::api {
namespace {

using Clock = ChatRecord::Clock;

constexpr std::uint32_t kNobody = 0xFF'FFFF;

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string SkillLabel(const Decision& decision) {
  if (decision.demand.skills.empty()) return "none";
  return std::string(NameOf(decision.demand.skills.front().skill));
}

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk: return "ok";
    case Outcome::kError: return "error";
    case Outcome::kCancelled: return "cancelled";
    case Outcome::kDryRun: return "dry_run";
  }
  return "error";
}

RequestMetrics::RequestMetrics(Metrics& metrics)
    : metrics_(metrics),
      latency_(metrics.GetHistogram("moerge_request_seconds",
                                    "Time from a chat request to the end of its answer",
                                    LatencyBuckets())),
      first_token_(metrics.GetHistogram("moerge_time_to_first_token_seconds",
                                        "Time from a streamed chat request to its first chunk",
                                        LatencyBuckets())),
      overhead_(metrics.GetHistogram(
          "moerge_overhead_seconds",
          "Time of a chat request that was not spent waiting for experts", DecisionBuckets())),
      decision_(metrics.GetHistogram("moerge_decision_seconds",
                                     "Time to classify a request and recruit its experts",
                                     DecisionBuckets())) {}

void RequestMetrics::Count(const ChatRecord& record, Outcome outcome, Clock::time_point now) {
  Requests(record, outcome).Add();
  if (record.decision.id.empty()) return;
  decision_.Observe((record.decision.classify_us + record.decision.recruit_us) / 1e6);
  if (outcome == Outcome::kDryRun) return;
  latency_.Observe(Seconds(now - record.begin));
  overhead_.Observe(Seconds(record.Overhead(now)));
  if (record.first_token != Clock::time_point{}) {
    first_token_.Observe(Seconds(record.first_token - record.begin));
  }
  CountAttempts(record);
  if (!record.answered || record.expert == nullptr) return;
  ExpertSeries& series = OfExpert(*record.expert);
  series.input_tokens->Add(static_cast<double>(record.usage.prompt_tokens));
  series.output_tokens->Add(static_cast<double>(record.usage.completion_tokens));
  series.cost->Add(record.cost_usd);
}

void RequestMetrics::CountAttempts(const ChatRecord& record) {
  for (const Attempt& attempt : record.attempts) {
    if (!attempt.again) Attempts(attempt).Add();
  }
}

// Policies are few and configured; those that come and go share the last number.
std::uint64_t RequestMetrics::PolicyNumber(const std::string& policy) {
  const auto at = std::find(policies_.begin(), policies_.end(), policy);
  if (at == policies_.end() && policies_.size() < 1023) policies_.push_back(policy);
  return static_cast<std::uint64_t>(std::min<std::ptrdiff_t>(at - policies_.begin(), 1023));
}

Counter& RequestMetrics::Requests(const ChatRecord& record, Outcome outcome) {
  const Decision& decision = record.decision;
  const std::uint64_t expert = record.expert == nullptr ? kNobody : Raw(record.expert->id);
  const std::uint64_t skill =
      decision.demand.skills.empty() ? kNobody : Raw(decision.demand.skills.front().skill);
  const std::uint64_t key = (PolicyNumber(decision.policy) << 54) |
                            (static_cast<std::uint64_t>(outcome) << 50) |
                            ((expert & kNobody) << 26) | (skill & kNobody);
  const auto known = requests_.find(key);
  if (known != requests_.end()) return *known->second;
  MetricLabels labels{{"outcome", std::string(OutcomeName(outcome))}};
  const bool room = requests_.size() < kMaxSeries;
  labels["policy"] = !room ? "other" : decision.policy.empty() ? "none" : decision.policy;
  labels["expert"] = !room ? "other" : record.expert == nullptr ? "none" : record.expert->spec.name;
  labels["skill"] = room ? SkillLabel(decision) : "other";
  Counter& counter = metrics_.GetCounter("moerge_requests_total", "Chat requests", labels);
  if (room) requests_.emplace(key, &counter);
  return counter;
}

Counter& RequestMetrics::Attempts(const Attempt& attempt) {
  const std::uint64_t key =
      (std::uint64_t{Raw(attempt.expert)} << 4) | static_cast<std::uint64_t>(attempt.outcome);
  const auto known = attempts_.find(key);
  if (known != attempts_.end()) return *known->second;
  const bool room = attempts_.size() < kMaxSeries;
  const MetricLabels labels{{"expert", room ? std::string(NameOf(attempt.expert)) : "other"},
                            {"outcome", std::string(AttemptOutcomeName(attempt.outcome))}};
  Counter& counter = metrics_.GetCounter("moerge_attempts_total", "Calls of experts", labels);
  if (room) attempts_.emplace(key, &counter);
  return counter;
}

RequestMetrics::ExpertSeries& RequestMetrics::OfExpert(const ExpertEntry& expert) {
  const bool room = experts_.size() < kMaxSeries;
  const auto known = experts_.find(room ? Raw(expert.id) : kNobody);
  const auto exact = experts_.find(Raw(expert.id));
  if (exact != experts_.end()) return exact->second;
  if (known != experts_.end()) return known->second;
  const std::string name = room ? expert.spec.name : "other";
  const auto tokens = [&](const char* direction) {
    return &metrics_.GetCounter("moerge_tokens_total", "Tokens of answered chat requests",
                                {{"expert", name}, {"direction", direction}});
  };
  ExpertSeries series{tokens("input"), tokens("output"),
                      &metrics_.GetCounter("moerge_cost_usd_total",
                                           "What answered chat requests cost at configured prices",
                                           {{"expert", name}})};
  return experts_.emplace(room ? Raw(expert.id) : kNobody, series).first->second;
}

}  // namespace moerge::api
