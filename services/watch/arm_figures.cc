#include "services/watch/arm_figures.h"

#include <algorithm>
#include <cmath>

#include "registry/decision_filter.h"

namespace moerge {
namespace {

void Count(const DecisionRecord& record, const Judgements& judgements, ArmFigures* arm) {
  if (IsDryRun(record)) return;
  ++arm->requests;
  arm->prompt_tokens += record.prompt_tokens;
  arm->completion_tokens += record.completion_tokens;
  arm->calls += record.calls;
  arm->cost_usd += record.cost_usd;
  if (record.outcome == "cancelled") {
    ++arm->cancelled;
  } else {
    arm->success.Add(record.outcome == "ok" ? 1 : 0);
  }
  if (record.outcome == "ok") arm->latencies_ms.push_back(record.latency_ms);
  const auto judged = judgements.find(record.id);
  if (judged != judgements.end()) arm->feedback.Add(judged->second.mean());
}

}  // namespace

Judgements JudgementsOf(const std::vector<Feedback>& feedback) {
  Judgements judgements;
  for (const Feedback& one : feedback) {
    if (one.score) judgements[one.decision].Add(*one.score);
  }
  return judgements;
}

double ArmFigures::LatencyAt(double q) const {
  if (latencies_ms.empty()) return 0;
  const double place = std::ceil(q * static_cast<double>(latencies_ms.size())) - 1;
  return latencies_ms[static_cast<std::size_t>(std::max(place, 0.0))];
}

Result<ArmFigures> ReadArm(DecisionQueries& decisions, const std::string& policy, WallTime since,
                           const Judgements& judgements) {
  ArmFigures arm;
  arm.policy = policy;
  DecisionFilter filter;
  filter.policy = policy;
  filter.since = since;
  filter.limit = kMaxPage;
  for (std::int64_t seen = 0; seen < ArmFigures::kMost; seen += kMaxPage) {
    const auto page = decisions.List(filter);
    if (!page) return page.error();
    for (const DecisionRecord& record : *page) Count(record, judgements, &arm);
    arm.cut = page->size() == static_cast<std::size_t>(kMaxPage);
    if (!arm.cut) break;
    filter.before_id = page->back().id;
  }
  std::ranges::sort(arm.latencies_ms);
  return arm;
}

}  // namespace moerge
