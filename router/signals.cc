#include "router/signals.h"

#include <algorithm>
#include <array>

#include "config/policy_options.h"

namespace moerge {
namespace {

// An option that a classifier cannot do without, and what it names.
struct Required {
  std::string_view classifier;
  std::string PolicyValues::*value;
  const char* option;  // its name
  const char* what;
};
constexpr std::array<Required, 3> kRequired = {{
    {"embedding", &PolicyValues::embedding_backend, "embedding.backend",
     "the backend that has the encoder"},
    {"embedding", &PolicyValues::embedding_model, "embedding.model",
     "what that backend calls the encoder"},
    {"llm", &PolicyValues::llm_expert, "llm.expert", "the expert that names keywords"},
}};

Error Missing(const Required& required) {
  return Error{.code = ErrorCode::kInvalid,
               .message = "the classifier `" + std::string(required.classifier) +
                          "` needs the option `" + required.option + "`: " + required.what,
               .param = std::string("options.") + required.option};
}

}  // namespace

SignalsWanted WantedSignals(const Policy& policy) {
  SignalsWanted wanted;
  wanted.embedding = policy.classifier == "embedding";
  wanted.keywords = policy.classifier == "llm";
  wanted.bids = policy.classifier == "auction";
  wanted.session = policy.options->session_sticky;
  wanted.shares = BalanceRulesOf(policy).any();
  return wanted;
}

BalanceRules BalanceRulesOf(const Policy& policy) {
  return {.window = policy.options->balance_window,
          .step = policy.options->balance_step,
          .capacity = policy.options->balance_capacity};
}

const std::vector<std::string>& SignalClassifierNames() {
  static const std::vector<std::string> names = {"auction", "embedding", "llm"};
  return names;
}

bool IsSignalClassifier(std::string_view classifier) {
  const auto& names = SignalClassifierNames();
  return std::find(names.begin(), names.end(), classifier) != names.end();
}

std::vector<std::string> RequiredSignalOptions(std::string_view classifier) {
  std::vector<std::string> options;
  for (const Required& each : kRequired) {
    if (each.classifier == classifier) options.emplace_back(each.option);
  }
  return options;
}

Status CheckSignalOptions(const Policy& policy) {
  for (const Required& each : kRequired) {
    const bool asked = each.classifier == policy.classifier;
    if (asked && ((*policy.options).*each.value).empty()) return Missing(each);
  }
  if (policy.classifier != "llm") return Ok{};
  if (policy.options->llm_recur <= policy.options->llm_samples) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message =
                   "`llm.recur` must be at most `llm.samples`: no skill is named in more "
                   "answers than there are",
               .param = "options.llm.recur"};
}

std::string_view AssignmentName(BatchAssign by) {
  switch (by) {
    case BatchAssign::kNone: return "none";
    case BatchAssign::kExpertChoice: return "expert_choice";
    case BatchAssign::kBalanced: return "balanced";
  }
  return "none";
}

std::string_view AssignmentOutcomeName(AssignedExperts::How how) {
  switch (how) {
    case AssignedExperts::How::kAssigned: return "assigned";
    case AssignedExperts::How::kRoom: return "room";
    case AssignedExperts::How::kOver: return "over_capacity";
    case AssignedExperts::How::kNothing: return "nothing";
  }
  return "nothing";
}

std::string_view SignalOutcomeName(SignalOutcome outcome) {
  switch (outcome) {
    case SignalOutcome::kOk: return "ok";
    case SignalOutcome::kFailed: return "failed";
    case SignalOutcome::kLate: return "late";
    case SignalOutcome::kCancelled: return "cancelled";
    case SignalOutcome::kCached: return "cached";
  }
  return "failed";
}

}  // namespace moerge
