#include "router/evaluate/contestants.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "config/base/text.h"
#include "router/classify/catalogue.h"
#include "router/evaluate/aggregate_rows.h"
#include "router/evaluate/axes.h"
#include "router/evaluate/option_rows.h"
#include "router/evaluate/questions.h"
#include "router/recruit/ranking.h"
#include "router/router.h"
#include "router/signals.h"

namespace moerge {
namespace {

Contestant Of(std::string name, std::string kind, Policy policy) {
  policy.name = name;
  return {std::move(name), std::move(kind), std::move(policy), {}, {}};
}

// CLASSIFIER+RECRUITER.
Result<Contestant> FromParts(const std::string& name, std::size_t plus) {
  Policy policy;
  policy.classifier = name.substr(0, plus);
  policy.recruiter = name.substr(plus + 1);
  const Status parts = CheckPolicy(policy);
  if (!parts && parts.error().param.find("options.") != 0) return parts.error();
  return Of(name, "policy", policy);
}

Contestant Vote(std::size_t count) {
  Policy policy;
  policy.experts = static_cast<int>(count);
  policy.aggregate = "vote";
  return Of("vote-" + std::to_string(count), "vote", policy);
}

// The size in "vote-SIZE", whether or not such a row stands on the leaderboard.
std::optional<std::size_t> SizeOfVote(const std::string& name) {
  if (!name.starts_with("vote-")) return std::nullopt;
  const auto size = ParseInt(name.substr(5));
  if (!size || *size < 1 || *size > 64) return std::nullopt;
  return static_cast<std::size_t>(*size);
}

Result<Contestant> FindBase(const std::string& name, const std::vector<Contestant>& standard) {
  std::vector<std::string> known;
  for (const Contestant& each : standard) {
    if (each.name == name) return each;
    known.push_back(each.name);
  }
  if (const auto size = SizeOfVote(name)) return Vote(*size);
  if (const std::size_t plus = name.find('+'); plus != name.npos) return FromParts(name, plus);
  return Error{ErrorCode::kInvalid,
               "there is no policy `" + name + "`; there are " + Join(known, ", ") +
                   ", vote-SIZE, CLASSIFIER+RECRUITER, each with NAME=VALUE behind it, "
                   "and those of a file with `policies`." +
                   DidYouMean(name, known)};
}

}  // namespace

Contestant DefaultContestant() { return Of("auto", "default", {}); }

TableTraits TraitsOf(const std::vector<TableRow>& rows, const std::vector<std::string>& experts) {
  TableTraits traits;
  const Questions questions = Tabulate(rows, experts);
  traits.answers = questions.has_answers;
  std::set<std::string> categories;
  for (const TableRow& row : rows) {
    if (!row.category.empty()) categories.insert(row.category);
  }
  traits.categories.assign(categories.begin(), categories.end());
  std::vector<std::uint32_t> all(questions.size());
  std::iota(all.begin(), all.end(), 0u);
  const std::vector<double> prices = MeanPrices(questions, all);
  if (prices.empty()) return traits;
  const auto [low, high] = std::minmax_element(prices.begin(), prices.end());
  traits.lowest_price = *low;
  traits.highest_price = *high;
  return traits;
}

std::vector<Contestant> StandardContestants(const std::vector<std::size_t>& counts,
                                            const TableTraits& traits) {
  std::vector<Contestant> all = {DefaultContestant()};
  const Policy& usual = all.front().policy;
  const std::string default_classifier = usual.classifier;
  const std::string default_recruiter = usual.recruiter;
  for (const std::string& name : ClassifierNames()) {
    if (name == default_classifier) continue;
    Policy policy;
    policy.classifier = name;
    all.push_back(name == "rules" ? RulesFromNames(traits.categories)
                                  : Of("classifier-" + name, "classifier", policy));
  }
  for (const std::string& name : RuleNames()) {
    if (name == default_recruiter) continue;
    Policy policy;
    policy.recruiter = name;
    all.push_back(Of("recruiter-" + name, "recruiter", policy));
  }
  for (const std::size_t count : counts) {
    if (count > 1) all.push_back(Vote(count));
  }
  all.push_back(CascadeContestant());
  for (Contestant& row : OptionContestants(traits)) all.push_back(std::move(row));
  return all;
}

Result<Contestant> FindContestant(const std::string& name,
                                  const std::vector<Contestant>& standard) {
  const std::size_t blank = name.find(' ');
  Result<Contestant> whole = FindBase(name, standard);
  if (whole || blank == name.npos) return whole;
  Result<Contestant> changed = FindBase(name.substr(0, blank), standard);
  if (!changed) return changed;
  for (const std::string_view setting : Split(std::string_view(name).substr(blank + 1), ' ')) {
    if (setting.empty()) continue;
    Status applied = ApplySetting(std::string(setting), &changed->policy);
    if (!applied) return std::move(applied).error();
  }
  changed->name = changed->policy.name = name;
  changed->kind = "policy";
  return changed;
}

std::string Lacks(const Contestant& contestant, const RecordedSignals& signals) {
  if (!contestant.lacks.empty()) return contestant.lacks;
  const Policy& policy = contestant.policy;
  if (IsSignalClassifier(policy.classifier) && signals.CountFor(policy.classifier) == 0) {
    return "recorded signals (`moerge record`): it needs " + std::string(AxesOf(policy).needs);
  }
  const Status checked = CheckPolicy(policy);
  return checked ? std::string() : checked.error().message;
}

void UseRecorded(const RecordedSignals& signals, Contestant* contestant) {
  Policy& policy = contestant->policy;
  if (!IsSignalClassifier(policy.classifier)) return;
  const std::size_t count = signals.CountFor(policy.classifier);
  if (count == 0) return;
  for (const std::string& option : RequiredSignalOptions(policy.classifier)) {
    if (!policy.options.Has(option)) policy.options.Set(option, "recorded");
  }
  contestant->note = "recorded signals of " + std::to_string(count) +
                     " questions; asking for them is in neither calls nor time";
}

const std::vector<std::string>& BaselineNames() {
  static const std::vector<std::string> names = {"random", "best-single", "prompt-length",
                                                 "true-category", "oracle"};
  return names;
}

}  // namespace moerge
