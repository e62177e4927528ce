#include "router/recruit/sizing.h"

#include "config/policy_options.h"
#include "router/recruit/combination.h"

namespace moerge {
namespace {

Sizing NumbersOf(const Policy& policy, Rule rule) {
  Sizing sizing;
  const auto wanted = static_cast<std::size_t>(std::max(policy.experts, 1));
  sizing.experts = std::min(wanted, kMostSeats);
  if (rule == Rule::kExpected && sizing.experts > 1) {
    sizing.complementarity = policy.options->experts_complementarity;
  }
  if (policy.options.empty() || rule == Rule::kTop) return sizing;
  sizing.abstain = policy.options->experts_abstain;
  const bool by_lot = rule == Rule::kRandom || rule == Rule::kSampling;
  if (by_lot || rule == Rule::kMapping) return sizing;
  sizing.most = policy.options->experts_max;
  sizing.confidence = policy.options->experts_confidence;
  sizing.gain = policy.options->experts_gain;
  sizing.margin = policy.options->experts_margin;
  sizing.broadcast = policy.options->experts_broadcast;
  sizing.null = policy.options->experts_null;
  sizing.tolerance = policy.options->experts_tolerance;
  if (rule == Rule::kExpected && sizing.reach() > 1) {
    sizing.complementarity = policy.options->experts_complementarity;
  }
  return sizing;
}

}  // namespace

Sizing SizingOf(const Policy& policy, Rule rule) {
  Sizing sizing = NumbersOf(policy, rule);
  const bool single = rule == Rule::kExpected && sizing.reach() == 1 && policy.price_weight == 0 &&
                      policy.latency_weight == 0 && policy.options->balance_step == 0;
  if (single) sizing.caution = policy.options->experts_caution;
  return sizing;
}

}  // namespace moerge
