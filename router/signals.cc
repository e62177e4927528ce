#include "router/signals.h"

#include <algorithm>

#include "router/policy_options.h"

namespace moerge {

SignalsWanted WantedSignals(const Policy& policy) {
  SignalsWanted wanted;
  wanted.embedding = policy.classifier == "embedding";
  wanted.keywords = policy.classifier == "llm";
  wanted.bids = policy.classifier == "auction";
  wanted.session = !policy.options.empty() && FlagOption(policy, "session.sticky");
  return wanted;
}

const std::vector<std::string>& SignalClassifierNames() {
  static const std::vector<std::string> names = {"auction", "embedding", "llm"};
  return names;
}

bool IsSignalClassifier(std::string_view classifier) {
  const auto& names = SignalClassifierNames();
  return std::find(names.begin(), names.end(), classifier) != names.end();
}

std::string_view SignalOutcomeName(SignalOutcome outcome) {
  switch (outcome) {
    case SignalOutcome::kOk:
      return "ok";
    case SignalOutcome::kFailed:
      return "failed";
    case SignalOutcome::kLate:
      return "late";
    case SignalOutcome::kCancelled:
      return "cancelled";
    case SignalOutcome::kCached:
      return "cached";
  }
  return "failed";
}

}  // namespace moerge
