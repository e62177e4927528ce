#include "router/evaluate/contestants.h"

#include "config/base/text.h"
#include "router/classify/catalogue.h"
#include "router/evaluate/axes.h"
#include "router/recruit/ranking.h"
#include "router/router.h"
#include "router/signals.h"

namespace moerge {
namespace {

Contestant Of(std::string name, std::string kind, Policy policy) {
  policy.name = name;
  return {std::move(name), std::move(kind), std::move(policy)};
}

}  // namespace

Contestant DefaultContestant() { return Of("auto", "default", {}); }

std::vector<Contestant> StandardContestants(const std::vector<std::size_t>& counts) {
  std::vector<Contestant> all = {DefaultContestant()};
  const Policy& usual = all.front().policy;
  const std::string default_classifier = usual.classifier;
  const std::string default_recruiter = usual.recruiter;
  for (const std::string& name : ClassifierNames()) {
    if (name == default_classifier) continue;
    Policy policy;
    policy.classifier = name;
    all.push_back(Of("classifier-" + name, "classifier", policy));
  }
  for (const std::string& name : RuleNames()) {
    if (name == default_recruiter) continue;
    Policy policy;
    policy.recruiter = name;
    all.push_back(Of("recruiter-" + name, "recruiter", policy));
  }
  for (const std::size_t count : counts) {
    if (count < 2) continue;
    Policy policy;
    policy.experts = static_cast<int>(count);
    policy.aggregate = "vote";
    all.push_back(Of("vote-" + std::to_string(count), "vote", policy));
  }
  return all;
}

Result<Contestant> FindContestant(const std::string& name,
                                  const std::vector<Contestant>& standard) {
  std::vector<std::string> known;
  for (const Contestant& each : standard) {
    if (each.name == name) return each;
    known.push_back(each.name);
  }
  if (const std::size_t plus = name.find('+'); plus != name.npos) {
    Policy policy;
    policy.classifier = name.substr(0, plus);
    policy.recruiter = name.substr(plus + 1);
    Status parts = CheckPolicy(policy);
    if (!parts && parts.error().param.find("options.") != 0) return parts.error();
    return Of(name, "policy", policy);
  }
  return Error{ErrorCode::kInvalid, "there is no policy `" + name + "`; there are " +
                                        Join(known, ", ") +
                                        ", CLASSIFIER+RECRUITER, and those of a file with "
                                        "`policies`." +
                                        DidYouMean(name, known)};
}

std::string Lacks(const Policy& policy) {
  if (IsSignalClassifier(policy.classifier)) {
    return "a running server: it needs " + std::string(AxesOf(policy).needs);
  }
  const Status checked = CheckPolicy(policy);
  return checked ? std::string() : checked.error().message;
}

const std::vector<std::string>& BaselineNames() {
  static const std::vector<std::string> names = {"random", "best-single", "prompt-length",
                                                 "true-category", "oracle"};
  return names;
}

}  // namespace moerge
