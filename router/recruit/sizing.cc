#include "router/recruit/sizing.h"

#include "router/policy_options.h"
#include "router/recruit/combination.h"

namespace moerge {
namespace {

std::size_t Whole(const Policy& policy, std::string_view option) {
  return static_cast<std::size_t>(NumberOption(policy, option));
}

Sizing NumbersOf(const Policy& policy, Rule rule) {
  Sizing sizing;
  const auto wanted = static_cast<std::size_t>(std::max(policy.experts, 1));
  sizing.experts = std::min(wanted, kMostSeats);
  if (rule == Rule::kExpected && sizing.experts > 1) {
    sizing.complementarity = NumberOption(policy, "experts.complementarity");
  }
  if (policy.options.empty() || rule == Rule::kTop) return sizing;
  sizing.abstain = NumberOption(policy, "experts.abstain");
  const bool by_lot = rule == Rule::kRandom || rule == Rule::kSampling;
  if (by_lot || rule == Rule::kMapping) return sizing;
  sizing.most = Whole(policy, "experts.max");
  sizing.confidence = NumberOption(policy, "experts.confidence");
  sizing.gain = NumberOption(policy, "experts.gain");
  sizing.margin = NumberOption(policy, "experts.margin");
  sizing.broadcast = Whole(policy, "experts.broadcast");
  sizing.null = FlagOption(policy, "experts.null");
  sizing.tolerance = NumberOption(policy, "experts.tolerance");
  if (rule == Rule::kExpected && sizing.reach() > 1) {
    sizing.complementarity = NumberOption(policy, "experts.complementarity");
  }
  return sizing;
}

}  // namespace

Sizing SizingOf(const Policy& policy, Rule rule) {
  Sizing sizing = NumbersOf(policy, rule);
  const bool single = rule == Rule::kExpected && sizing.reach() == 1 && policy.price_weight == 0 &&
                      policy.latency_weight == 0;
  if (single) sizing.caution = NumberOption(policy, "experts.caution");
  return sizing;
}

}  // namespace moerge
