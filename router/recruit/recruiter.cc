#include "router/recruit/recruiter.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "config/policy_options.h"
#include "registry/provisional.h"
#include "router/recruit/caution.h"
#include "router/recruit/combination.h"
#include "router/recruit/reasons.h"
#include "router/recruit/roster_plan.h"

namespace moerge {
namespace {

// A 90 % interval of a normal distribution.
constexpr double kInterval = 1.645;

// A tool without alternatives is asked if its skill is at all likely: it declines when unsure.
constexpr float kLastResort = 0.02f;

Candidate MakeCandidate(const ExpertTable& expert_table, const Ranking& ranking,
                        const Ranked& ranked) {
  Candidate candidate;
  candidate.expert = expert_table.expert(ranked.expert).id;
  candidate.expected = std::clamp(ranked.expected, 0.0f, 1.0f);
  const double spread =
      kInterval * expert_table.competence.Deviation(ranking.demand, ranked.expert);
  candidate.low = static_cast<float>(std::clamp(candidate.expected - spread, 0.0, 1.0));
  candidate.high = static_cast<float>(std::clamp(candidate.expected + spread, 0.0, 1.0));
  candidate.price = BlendedPrice(expert_table.expert(ranked.expert).spec.price);
  candidate.utility = ranked.utility;
  candidate.provisional = IsProvisional(expert_table.expert(ranked.expert));
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
    decision->candidates.push_back(MakeCandidate(input.expert_table, ranking, ranked));
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

// Behind all others: a failing backend may answer where the others do not.
void LineUpUnhealthy(const ExpertTable& expert_table, const Ranking& ranking, std::size_t count,
                     Decision* decision) {
  std::vector<Ranking::Excluded> unhealthy;
  for (const Ranking::Excluded& each : ranking.excluded) {
    if (each.why == Exclusion::kUnhealthy) unhealthy.push_back(each);
  }
  std::ranges::stable_sort(unhealthy, std::greater<>(), &Ranking::Excluded::expected);
  for (std::size_t i = 0; i < unhealthy.size() && i < count; ++i) {
    decision->fallbacks.push_back(expert_table.expert(unhealthy[i].expert).id);
  }
}

void LineUp(const ExpertTable& expert_table, const Ranking& ranking, const RosterPlan& plan,
            std::size_t count, Decision* decision) {
  const auto seated = [&](const Ranked& model) {
    return std::any_of(plan.seats.begin(), plan.seats.end(),
                       [&](const Ranked& seat) { return seat.expert == model.expert; });
  };
  for (std::size_t i = 0; i < ranking.leading && count > 0; ++i) {
    if (seated(ranking.models[i])) continue;
    decision->fallbacks.push_back(expert_table.expert(ranking.models[i].expert).id);
    --count;
  }
  LineUpUnhealthy(expert_table, ranking, count, decision);
}

// Seats the tool that is asked first and the models, and lines up the rest behind them. A single
// model stands behind a tool.
void Fill(const RankInput& input, const Ranking& ranking, std::size_t tools, const RosterPlan& plan,
          Decision* decision) {
  const ExpertTable& expert_table = input.expert_table;
  const auto spare = static_cast<std::size_t>(std::max(input.policy.max_fallbacks, 0));
  const bool behind = tools > 0 && plan.seats.size() < 2;
  std::vector<ExpertId>& fallbacks = decision->fallbacks;
  fallbacks.reserve(tools + plan.seats.size() + std::min(spare, ranking.leading));
  if (tools > 0) decision->roster.push_back({expert_table.expert(ranking.tools[0].expert).id, 1});
  for (std::size_t i = 1; i < tools; ++i) {
    fallbacks.push_back(expert_table.expert(ranking.tools[i].expert).id);
  }
  for (std::size_t i = 0; i < plan.seats.size(); ++i) {
    const ExpertId id = expert_table.expert(plan.seats[i].expert).id;
    behind ? fallbacks.push_back(id) : decision->roster.push_back({id, plan.weights[i]});
  }
  if (!plan.seats.empty()) LineUp(expert_table, ranking, plan, spare, decision);
  if (tools > 0 && !behind) {
    decision->roster[0].weight = VoteWeight(ranking.tools[0].expected, 0);
  }
}

// How many models have to be sorted. Models that share no errors with others keep their place, so
// none beyond the number that can share errors, plus the seats, is ever seated.
std::size_t Leading(const Sizing& sizing) {
  return sizing.reach() + (sizing.complementarity > 0 ? JointErrors::kMaxExperts : 0);
}

Abstention::What WhyNobody(const Ranking& ranking, const RosterPlan& plan) {
  if (ranking.mapped.refused()) return Abstention::What::kNoMapping;
  if (ranking.mapped.no_expert()) return Abstention::What::kMappedToNobody;
  return plan.abstained ? Abstention::What::kUnlikely : Abstention::What::kNone;
}

void Record(const Ranking& ranking, const RosterPlan& plan, Decision* decision) {
  decision->confidence = plan.confidence;
  decision->null_seats = plan.null_seats;
  decision->uncertain = plan.size == RosterPlan::Size::kUncertain;
  if (decision->roster.empty()) decision->abstention.what = WhyNobody(ranking, plan);
}

}  // namespace

void Recruit(const RankInput& input, Decision* decision) {
  const Sizing sizing = SizingOf(input.policy, RuleOf(input.policy));
  const auto spare = static_cast<std::size_t>(std::max(input.policy.max_fallbacks, 0));
  Ranking ranking = Rank(input, std::max(Leading(sizing) + spare, kKeptCandidates));
  if (ranking.assigned == 0) KeepStrongest(input.expert_table, sizing.caution, &ranking);
  const std::size_t tools = ToolsFirst(ranking, input.policy.options->tools_threshold);
  RosterPlan plan;
  if (!ranking.mapped.refused() && !ranking.mapped.no_expert()) {
    plan = PlanRoster(input, ranking, sizing);
  }
  decision->considered = input.expert_table.size();
  decision->candidates.reserve(std::min(input.expert_table.size(), kKeptCandidates));
  List(input, ranking, tools, decision);
  Fill(input, ranking, tools, plan, decision);
  Record(ranking, plan, decision);
  Explain({input, ranking, sizing, plan, tools}, decision);
}

}  // namespace moerge
