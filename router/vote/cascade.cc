#include "router/vote/cascade.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "config/policy_options.h"
#include "router/vote/ballots.h"
#include "router/vote/confidence.h"

namespace moerge {
namespace {

using Check = CascadeBallot::Check;

// The highest bar for an answer: expectations never exceed it.
constexpr double kSure = 0.99;
// An expert expected to reach less than this share of the bar is not asked. On
// ten models' recorded answers score and price are the same from 0 to 0.7; calls are fewest there.
constexpr double kMatters = 0.7;
// The mean token probability that says nothing about a reply.
constexpr double kUsualProbability = 0.9;

double LogOdds(double probability) {
  const double p = std::clamp(probability, 0.01, 0.99);
  return std::log(p / (1 - p));
}

// What a call costs as far as it is known: in money, in size, or not at all.
double CascadeExpert::*CostOf(const std::vector<CascadeExpert>& experts) {
  const auto priced = [](const CascadeExpert& each) { return each.price > 0; };
  const auto sized = [](const CascadeExpert& each) { return each.size > 0; };
  if (std::ranges::any_of(experts, priced)) return &CascadeExpert::price;
  return std::ranges::all_of(experts, sized) ? &CascadeExpert::size : nullptr;
}

void DropDominated(std::vector<CascadeExpert>* experts) {
  double best = -1;
  std::erase_if(*experts, [&best](const CascadeExpert& each) {
    if (each.expected <= best + kVoteEpsilon) return true;
    best = each.expected;
    return false;
  });
}

void DropWeak(double least, std::vector<CascadeExpert>* experts) {
  std::erase_if(*experts, [least](const CascadeExpert& each) {
    return each.expected < least - kVoteEpsilon;
  });
}

double Highest(const std::vector<CascadeExpert>& experts) {
  double highest = 0;
  for (const CascadeExpert& each : experts) highest = std::max(highest, each.expected);
  return highest;
}

// The expert's expected score with what the reply's own tokens say.
double ExpectedOf(const CascadeBallot& ballot, const CascadeRule& rule) {
  if (!ballot.token_probability || rule.logprob_weight == 0) return ballot.expected;
  const double own = LogOdds(*ballot.token_probability) - LogOdds(kUsualProbability);
  return 1 / (1 + std::exp(-LogOdds(ballot.expected) - rule.logprob_weight * own));
}

std::vector<Voice> VoicesOf(std::span<const CascadeBallot> ballots, const CascadeRule& rule) {
  std::vector<Voice> voices;
  for (const CascadeBallot& ballot : ballots) {
    const bool failed = ballot.check == Check::kFailed;
    voices.push_back({failed ? -1 : ballot.answer, ExpectedOf(ballot, rule)});
  }
  return voices;
}

double ConfidenceOf(std::size_t place, std::span<const Voice> voices) {
  const Voice& voice = voices[place];
  if (voice.answer == CascadeBallot::kOpen) return voice.expected;
  return CalibratedVoteConfidence(voices, voice.answer);
}

// By confidence, then by the expected score of the expert that gave it, then the earlier one.
std::size_t Leader(std::span<const CascadeBallot> ballots, std::span<const Voice> voices) {
  const auto rank = [&](std::size_t place) {
    const bool failed = ballots[place].check == Check::kFailed;
    return std::pair(failed ? -1.0 : ConfidenceOf(place, voices), voices[place].expected);
  };
  std::size_t leader = 0;
  for (std::size_t i = 1; i < ballots.size(); ++i) {
    const auto best = rank(leader);
    const auto other = rank(i);
    const bool more = other.first > best.first + kVoteEpsilon;
    const bool same = std::abs(other.first - best.first) <= kVoteEpsilon;
    if (more || (same && other.second > best.second)) leader = i;
  }
  return leader;
}

}  // namespace

CascadeRule CascadeRuleOf(const Policy& policy) {
  return {policy.options->cascade_target, policy.options->cascade_logprob_weight,
          policy.options->cascade_max};
}

std::vector<CascadeExpert> CascadeExperts(const Decision& decision, const Snapshot& snapshot) {
  std::vector<CascadeExpert> experts;
  const auto add = [&](ExpertId id) {
    const ExpertEntry* entry = snapshot.FindExpert(id);
    if (entry == nullptr || entry->spec.kind == ExpertKind::kTool) return;
    CascadeExpert expert{.id = id, .size = entry->spec.active_params};
    const auto known = std::ranges::find(decision.candidates, id, &Candidate::expert);
    if (known != decision.candidates.end()) {
      expert.expected = static_cast<double>(known->expected);
      expert.price = known->price;
    }
    experts.push_back(expert);
  };
  for (const Seat& seat : decision.roster) add(seat.expert);
  for (const ExpertId id : decision.fallbacks) add(id);
  return experts;
}

CascadePlan PlanCascade(std::vector<CascadeExpert> experts, const CascadeRule& rule,
                        bool replies_tell) {
  const double highest = Highest(experts);
  CascadePlan plan{.adequate = std::min(rule.target * highest, kSure)};
  DropWeak((replies_tell ? kMatters : 1) * std::min(plan.adequate, highest), &experts);
  if (const auto cost = CostOf(experts); cost != nullptr) {
    std::ranges::stable_sort(experts, {}, [cost](const CascadeExpert& each) {
      return std::pair(each.*cost, each.size);
    });
    DropDominated(&experts);
    if (experts.size() > rule.most) experts[rule.most - 1] = experts.back();
  }
  experts.resize(std::min(experts.size(), rule.most));
  plan.order = std::move(experts);
  return plan;
}

CascadeStep Step(std::span<const CascadeBallot> ballots, std::size_t waiting, double adequate,
                 const CascadeRule& rule) {
  using Kind = CascadeStep::Kind;
  if (ballots.empty()) return {Kind::kNext, 0, 0};
  const std::vector<Voice> voices = VoicesOf(ballots, rule);
  const auto passed = std::ranges::find(ballots, Check::kPassed, &CascadeBallot::check);
  if (passed != ballots.end()) {
    const auto place = static_cast<std::size_t>(passed - ballots.begin());
    return {Kind::kAccept, place, ConfidenceOf(place, voices)};
  }
  const std::size_t leader = Leader(ballots, voices);
  const double confidence = ConfidenceOf(leader, voices);
  const bool may_stand = ballots[leader].check != Check::kFailed && voices[leader].answer != -1;
  if (may_stand && confidence >= adequate - kVoteEpsilon)
    return {Kind::kAccept, leader, confidence};
  return {waiting > 0 ? Kind::kNext : Kind::kExhausted, leader, confidence};
}

}  // namespace moerge
