#include "router/recruit/roster_plan.h"

#include <algorithm>
#include <tuple>

#include "router/recruit/combination.h"
#include "router/recruit/sampling.h"

namespace moerge {
namespace {

// The next one to seat: the highest utility less what it has in common with those seated.
std::size_t Next(const Ranking& ranking, const std::vector<float>& common, double price,
                 const std::vector<char>& seated) {
  std::size_t best = ranking.leading;
  double highest = 0;
  for (std::size_t i = 0; i < ranking.leading; ++i) {
    if (seated[i] != 0) continue;
    const double value =
        static_cast<double>(ranking.models[i].utility) - price * static_cast<double>(common[i]);
    if (best != ranking.leading && value <= highest) continue;
    best = i;
    highest = value;
  }
  return best;
}

std::vector<Ranked> Complementary(const RankInput& input, const Ranking& ranking, std::size_t count,
                                  double price) {
  std::vector<Ranked> seats;
  std::vector<float> common(ranking.leading, 0);
  std::vector<char> seated(ranking.leading, 0);
  while (seats.size() < std::min(count, ranking.leading)) {
    const std::size_t next = Next(ranking, common, price, seated);
    seated[next] = 1;
    seats.push_back(ranking.models[next]);
    for (std::size_t i = 0; i < ranking.leading; ++i) {
      common[i] += input.dependence.Shared(ranking.models[i].expert, seats.back().expert);
    }
  }
  return seats;
}

std::vector<Ranked> First(const Ranking& ranking, std::size_t count) {
  const auto end = static_cast<std::ptrdiff_t>(std::min(count, ranking.leading));
  return {ranking.models.begin(), ranking.models.begin() + end};
}

// For the first one, two, ... of the seats.
std::vector<double> ConfidenceOf(const RankInput& input, const std::vector<Ranked>& seats) {
  if (seats.size() == 1) return {std::clamp(static_cast<double>(seats[0].expected), 0.0, 1.0)};
  std::vector<float> expected;
  std::vector<float> shared;
  for (const Ranked& seat : seats) {
    expected.push_back(std::clamp(seat.expected, 0.0f, 1.0f));
    shared.push_back(0);
    for (std::size_t j = 0; j + 1 < expected.size(); ++j) {
      shared.back() += input.dependence.Shared(seat.expert, seats[j].expert);
    }
  }
  return CombinedConfidence(expected, shared);
}

// Where calls stop paying: the highest confidence less what the calls cost, the fewest of equals.
std::size_t WorthAsking(const std::vector<double>& confidence, double gain) {
  std::size_t best = 0;
  const auto value = [&](std::size_t i) { return confidence[i] - gain * static_cast<double>(i); };
  for (std::size_t i = 1; i < confidence.size(); ++i) {
    if (value(i) > value(best)) best = i;
  }
  return best + 1;
}

std::size_t Adapt(const std::vector<double>& confidence, const Sizing& sizing,
                  RosterPlan::Size* why) {
  const std::size_t worth = WorthAsking(confidence, sizing.gain);
  for (std::size_t count = 1; count <= worth; ++count) {
    if (confidence[count - 1] < sizing.confidence) continue;
    *why = RosterPlan::Size::kConfident;
    return count;
  }
  *why = worth == confidence.size() ? RosterPlan::Size::kMost : RosterPlan::Size::kNoGain;
  return worth;
}

// The cheapest expert that alone is expected to do as well, the most general one of equals.
const Ranked* Adequate(const RankInput& input, const Ranking& ranking, double wanted) {
  const auto rank = [&](const Ranked& each) {
    return std::tuple(input.expert_table.traits[each.expert].price,
                      -input.expert_table.competence.overall(each.expert).strength.mean,
                      each.expert);
  };
  const Ranked* best = nullptr;
  for (const Ranked& each : ranking.models) {
    if (static_cast<double>(each.expected) < wanted) continue;
    if (best == nullptr || rank(each) < rank(*best)) best = &each;
  }
  return best;
}

// Null experts take the seats that bring less than the tolerance.
void LeaveEmpty(const RankInput& input, const Ranking& ranking, double tolerance,
                const std::vector<double>& confidence, RosterPlan* plan) {
  const std::size_t planned = plan->seats.size();
  const double wanted = plan->confidence - tolerance;
  if (const Ranked* alone = Adequate(input, ranking, wanted)) {
    plan->generalist = planned > 1 || alone->expert != plan->seats[0].expert;
    plan->seats = {*alone};
    plan->confidence = static_cast<double>(alone->expected);
  } else {
    std::size_t count = 1;
    while (count < planned && confidence[count - 1] < wanted) ++count;
    plan->seats.resize(count);
    plan->confidence = confidence[count - 1];
  }
  plan->null_seats = planned - plan->seats.size();
}

// Votes of experts that err alike are discounted for it.
std::vector<float> Weigh(const RankInput& input, const std::vector<Ranked>& seats) {
  if (seats.size() == 1) return {1.0f};
  std::vector<float> weights;
  for (const Ranked& seat : seats) {
    float shared = 0;
    for (const Ranked& other : seats) {
      if (other.expert != seat.expert) shared += input.dependence.Shared(seat.expert, other.expert);
    }
    weights.push_back(VoteWeight(seat.expected, shared));
  }
  return weights;
}

void Draw(const RankInput& input, const Ranking& ranking, std::size_t draws, RosterPlan* plan) {
  const std::vector<Drawn> drawn = DrawExperts(input, ranking, draws);
  for (const Drawn& each : drawn) plan->seats.push_back(each.expert);
  plan->weights = Weigh(input, plan->seats);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    plan->weights[i] *= static_cast<float>(drawn[i].times);
  }
  plan->confidence = ConfidenceOf(input, plan->seats).back();
  plan->size = RosterPlan::Size::kDrawn;
}

void FillSeats(const RankInput& input, const Ranking& ranking, const Sizing& sizing,
               RosterPlan* plan) {
  const bool uncertain =
      sizing.margin > 0 && ranking.models.size() > 1 && plan->lead < sizing.margin;
  if (uncertain) {
    plan->size = RosterPlan::Size::kUncertain;
    plan->seats = First(ranking, sizing.broadcast);
  } else {
    const std::size_t count = sizing.most > 0 ? sizing.most : sizing.experts;
    plan->seats = sizing.complementarity > 0 && count > 1
                      ? Complementary(input, ranking, count, sizing.complementarity)
                      : First(ranking, count);
  }
  const std::vector<double> confidence = ConfidenceOf(input, plan->seats);
  if (!uncertain && sizing.most > 0) plan->seats.resize(Adapt(confidence, sizing, &plan->size));
  plan->confidence = confidence[plan->seats.size() - 1];
  if (sizing.null && !uncertain) {
    LeaveEmpty(input, ranking, sizing.tolerance, confidence, plan);
  }
  plan->weights = Weigh(input, plan->seats);
}

void SeatAssigned(const RankInput& input, const Ranking& ranking, RosterPlan* plan) {
  plan->seats = First(ranking, ranking.assigned);
  plan->weights = Weigh(input, plan->seats);
  plan->confidence = ConfidenceOf(input, plan->seats).back();
  plan->size = RosterPlan::Size::kAssigned;
}

}  // namespace

RosterPlan PlanRoster(const RankInput& input, const Ranking& ranking, const Sizing& sizing) {
  RosterPlan plan;
  if (ranking.leading == 0) return plan;
  if (ranking.leading > 1) plan.lead = ranking.models[0].utility - ranking.models[1].utility;
  if (ranking.assigned > 0) {
    SeatAssigned(input, ranking, &plan);
  } else if (RuleOf(input.policy) == Rule::kSampling) {
    Draw(input, ranking, sizing.experts, &plan);
  } else {
    FillSeats(input, ranking, sizing, &plan);
  }
  if (plan.confidence < sizing.abstain) {
    plan.abstained = true;
    plan.seats.clear();
    plan.weights.clear();
  }
  return plan;
}

}  // namespace moerge
