#include "router/recruit/recruiter.h"

#include <algorithm>

#include "registry/provisional.h"
#include "router/policy_options.h"
#include "router/recruit/reasons.h"

namespace moerge {
namespace {

// A 90 % interval of a normal distribution.
constexpr double kInterval = 1.645;

// A tool nobody else stands beside is asked if its skill is at all likely: it declines when unsure.
constexpr float kLastResort = 0.02f;

Candidate MakeCandidate(const Panel& panel, const Ranking& ranking, const Ranked& ranked) {
  Candidate candidate;
  candidate.expert = panel.expert(ranked.expert).id;
  candidate.expected = std::clamp(ranked.expected, 0.0f, 1.0f);
  const double spread = kInterval * panel.competence.Deviation(ranking.demand, ranked.expert);
  candidate.low = static_cast<float>(std::clamp(candidate.expected - spread, 0.0, 1.0));
  candidate.high = static_cast<float>(std::clamp(candidate.expected + spread, 0.0, 1.0));
  candidate.price = BlendedPrice(panel.expert(ranked.expert).spec.price);
  candidate.utility = ranked.utility;
  candidate.provisional = IsProvisional(panel.expert(ranked.expert));
  return candidate;
}

// How many of the tools, which are sorted, come before the models.
std::size_t ToolsFirst(const Ranking& ranking, double threshold) {
  const double least = ranking.models.empty() ? kLastResort : threshold;
  std::size_t count = 0;
  while (count < ranking.tools.size() && ranking.covered[count] >= least) ++count;
  return count;
}

void List(const RankInput& input, const Ranking& ranking, std::size_t tools, Decision* decision) {
  const auto add = [&](const Ranked& ranked) {
    decision->candidates.push_back(MakeCandidate(input.panel, ranking, ranked));
  };
  for (std::size_t i = 0; i < tools && i < kKeptCandidates; ++i) add(ranking.tools[i]);
  for (std::size_t i = 0; i < ranking.leading; ++i) {
    if (decision->candidates.size() == kKeptCandidates) return;
    add(ranking.models[i]);
  }
  for (const Ranking::Excluded& excluded : ranking.excluded) {
    if (decision->candidates.size() == kKeptCandidates) return;
    add({excluded.expert, excluded.expected, excluded.expected});
    decision->candidates.back().excluded = excluded.why;
  }
}

void TakeSeat(const Panel& panel, const Ranked& ranked, Decision* decision) {
  const float weight = std::max(ranked.expected, 0.01f);
  decision->roster.push_back({panel.expert(ranked.expert).id, weight});
}

// Seats the tool that is asked first and the models, and lines up the rest behind them.
void Fill(const RankInput& input, const Ranking& ranking, std::size_t tools, Decision* decision) {
  const Panel& panel = input.panel;
  const auto wanted = static_cast<std::size_t>(std::max(input.policy.experts, 1));
  const auto spare = static_cast<std::size_t>(std::max(input.policy.max_fallbacks, 0));
  std::size_t seated = 0;
  if (tools > 0) TakeSeat(panel, ranking.tools[0], decision);
  if (tools == 0 || wanted > 1) {
    for (; seated < std::min(wanted, ranking.leading); ++seated) {
      TakeSeat(panel, ranking.models[seated], decision);
    }
  }
  for (std::size_t i = 1; i < tools; ++i) {
    decision->fallbacks.push_back(panel.expert(ranking.tools[i].expert).id);
  }
  const std::size_t last = std::min(ranking.leading, wanted + spare);
  for (std::size_t i = seated; i < last; ++i) {
    decision->fallbacks.push_back(panel.expert(ranking.models[i].expert).id);
  }
  if (decision->roster.size() == 1) decision->roster.front().weight = 1;
}

}  // namespace

void Recruit(const RankInput& input, Decision* decision) {
  const auto reach = static_cast<std::size_t>(std::max(input.policy.experts, 1)) +
                     static_cast<std::size_t>(std::max(input.policy.max_fallbacks, 0));
  const Ranking ranking = Rank(input, std::max(reach, kKeptCandidates));
  const std::size_t tools = ToolsFirst(ranking, NumberOption(input.policy, "tools.threshold"));
  decision->considered = input.panel.size();
  decision->candidates.reserve(std::min(input.panel.size(), kKeptCandidates));
  List(input, ranking, tools, decision);
  Fill(input, ranking, tools, decision);
  Explain(input, ranking, tools, decision);
}

}  // namespace moerge
