#include "router/signals.h"

#include <algorithm>

#include "router/policy_options.h"

namespace moerge {
namespace {

Error Missing(const Policy& policy, const char* option, const char* what) {
  return Error{.code = ErrorCode::kInvalid,
               .message = "the classifier `" + policy.classifier + "` needs the option `" + option +
                          "`: " + what,
               .param = std::string("options.") + option};
}

}  // namespace

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

Status CheckSignalOptions(const Policy& policy) {
  const auto lacks = [&](const char* option) { return TextOption(policy, option).empty(); };
  if (policy.classifier == "embedding" && lacks("embedding.backend")) {
    return Missing(policy, "embedding.backend", "the backend that has the encoder");
  }
  if (policy.classifier == "embedding" && lacks("embedding.model")) {
    return Missing(policy, "embedding.model", "what that backend calls the encoder");
  }
  if (policy.classifier != "llm") return Ok{};
  if (lacks("llm.expert")) return Missing(policy, "llm.expert", "the expert that names keywords");
  if (NumberOption(policy, "llm.recur") <= NumberOption(policy, "llm.samples")) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message =
                   "`llm.recur` must be at most `llm.samples`: no skill is named in more "
                   "answers than there are",
               .param = "options.llm.recur"};
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
