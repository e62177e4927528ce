#include "router/evaluate/policy_judge.h"

#include <algorithm>

#include "config/base/hash.h"
#include "config/policy_options.h"
#include "registry/registry.h"
#include "router/evaluate/perturb.h"

namespace moerge {
namespace {

bool Has(const std::vector<Called>& called, std::uint32_t expert) {
  return std::any_of(called.begin(), called.end(),
                     [&](const Called& each) { return each.expert == expert; });
}

}  // namespace

PolicyJudge::PolicyJudge(const Questions& questions, const TableRouter& router,
                         const CategoryTable& table, const JudgeOptions& options)
    : questions_(questions), router_(router), table_(table), options_(options) {
  for (std::uint32_t i = 0; i < questions.experts.size(); ++i) {
    const ExpertEntry* entry = router.snapshot()->FindExpert(questions.experts[i]);
    if (entry != nullptr) index_[Raw(entry->id)] = i;
  }
}

RouteRequest PolicyJudge::RequestOf(std::size_t row, const std::string& prompt,
                                    const Policy& policy) {
  RouteRequest request;
  request.text.user = prompt;
  request.seed = Hash64(questions_.rows[row]->id, options_.seed);
  if (options_.signals != nullptr) {
    request.signals = options_.signals->Of(*questions_.rows[row], policy);
  }
  return request;
}

void PolicyJudge::ReadCandidates(const Decision& decision) {
  expected_.assign(questions_.experts.size(), kNotRecorded);
  predicted_.assign(questions_.experts.size(), Outcome::kUnknown);
  order_.clear();
  for (const Candidate& candidate : decision.candidates) {
    const auto at = index_.find(Raw(candidate.expert));
    if (at == index_.end() || candidate.excluded != Exclusion::kNone) continue;
    expected_[at->second] = candidate.utility;
    predicted_[at->second] = static_cast<double>(candidate.expected);
    order_.push_back(at->second);
  }
}

// The seats of the roster; one whose expert has no score for this question goes to the next best.
std::vector<Called> PolicyJudge::CalledBy(std::size_t row, const Decision& decision,
                                          const Policy& policy) {
  const std::size_t wanted = policy.aggregate == "first"
                                 ? std::min<std::size_t>(decision.roster.size(), 1)
                                 : decision.roster.size();
  std::vector<Called> called;
  const auto seat = [&](std::uint32_t expert, double weight) {
    if (called.size() == wanted || !questions_.Recorded(row, expert)) return;
    if (!Has(called, expert)) called.push_back({expert, weight, predicted_[expert]});
  };
  for (const Seat& each : decision.roster) {
    if (const auto at = index_.find(Raw(each.expert)); at != index_.end()) {
      seat(at->second, static_cast<double>(each.weight));
    }
  }
  const double least = called.empty() ? 1 : called.back().weight;
  for (const std::uint32_t expert : order_) seat(expert, least);
  return called;
}

// Those of the cascade that have a score, in its order.
std::vector<Called> PolicyJudge::InCascade(std::size_t row, const Decision& decision,
                                           const CascadeRule& rule, double* adequate) {
  std::vector<CascadeExpert> experts = CascadeExperts(decision, *router_.snapshot());
  std::erase_if(experts, [&](const CascadeExpert& each) {
    const auto at = index_.find(Raw(each.id));
    return at == index_.end() || !questions_.Recorded(row, at->second);
  });
  const bool answers = !questions_.rows[row]->answers.empty();
  const CascadePlan plan = PlanCascade(std::move(experts), rule, answers);
  *adequate = plan.adequate;
  std::vector<Called> order;
  for (const CascadeExpert& each : plan.order) {
    order.push_back({index_.at(Raw(each.id)), 1, each.expected});
  }
  return order;
}

PolicyJudge::Played PolicyJudge::PlayCascade(std::size_t row, const Decision& decision,
                                             const Policy& policy) {
  const CascadeRule rule = CascadeRuleOf(policy);
  double adequate = 0;
  const std::vector<Called> order = InCascade(row, decision, rule, &adequate);
  if (order.empty()) return {{.score = 0, .calls = 0}, {}};
  Played played{AskCascade(questions_, row, order, adequate, rule), {}};
  const auto asked = static_cast<std::size_t>(played.outcome.calls);
  for (std::size_t i = 0; i < asked; ++i) played.asked.push_back(order[i].expert);
  std::sort(played.asked.begin(), played.asked.end());
  return played;
}

PolicyJudge::Played PolicyJudge::Play(std::size_t row, const Decision& decision,
                                      const Policy& policy) {
  if (policy.aggregate == "cascade") return PlayCascade(row, decision, policy);
  const std::vector<Called> called = CalledBy(row, decision, policy);
  if (called.empty()) return {{.score = 0, .calls = 0}, {}};
  const StopRule rule{policy.options->vote_confidence, policy.options->vote_gain};
  Played played{Ask(questions_, row, called, rule), {}};
  for (const Called& each : called) played.asked.push_back(each.expert);
  std::sort(played.asked.begin(), played.asked.end());
  return played;
}

void PolicyJudge::AddPrediction(Outcome* outcome) const {
  std::vector<float> leading;
  for (const std::uint32_t expert : order_) leading.push_back(expected_[expert]);
  std::sort(leading.begin(), leading.end(), std::greater<>());
  if (leading.size() > 1) outcome->margin = static_cast<double>(leading[0] - leading[1]);
  if (!options_.pair) return;
  const float strong = expected_[options_.pair->strong];
  const float weak = expected_[options_.pair->weak];
  outcome->preference = static_cast<double>(strong) - static_cast<double>(weak);
}

void PolicyJudge::AddCategory(std::size_t row, const Decision& decision, Outcome* outcome) const {
  const std::string& category = questions_.rows[row]->category;
  if (category.empty() || decision.demand.skills.empty()) return;
  const std::string_view predicted = NameOf(decision.demand.skills.front().skill);
  outcome->category_right = predicted == category;
  outcome->confidence = decision.demand.confidence;
  const std::uint32_t expert = questions_.FirstRecorded(row, table_.Order(predicted));
  outcome->table_score = static_cast<double>(questions_.scores[questions_.At(row, expert)]);
}

std::vector<std::uint32_t> PolicyJudge::AskedFor(const std::string& prompt, std::size_t row,
                                                 const Policy& policy) {
  const Decision decision = router_.Route(RequestOf(row, prompt, policy), policy);
  ReadCandidates(decision);
  return Play(row, decision, policy).asked;
}

std::optional<PolicyJudge::Disturbed> PolicyJudge::Disturb(std::size_t row, const Policy& policy) {
  if (IsSignalClassifier(policy.classifier)) return std::nullopt;
  const std::string& prompt = questions_.rows[row]->prompt;
  const std::uint64_t seed = Hash64(questions_.rows[row]->id, options_.seed);
  return Disturbed{AskedFor(WithTypos(prompt, options_.typo_rate, seed), row, policy),
                   AskedFor(UpperAscii(prompt), row, policy)};
}

Outcome PolicyJudge::Judge(std::size_t row, const Policy& policy) {
  const std::optional<Disturbed> disturbed = Disturb(row, policy);
  const RouteRequest request = RequestOf(row, questions_.rows[row]->prompt, policy);
  const double start = options_.clock == nullptr ? Outcome::kUnknown : options_.clock();
  const Decision decision = router_.Route(request, policy);
  const double micros = options_.clock == nullptr ? start : options_.clock() - start;
  ReadCandidates(decision);
  const Played played = Play(row, decision, policy);
  Outcome outcome = played.outcome;
  outcome.micros = micros;
  if (disturbed) {
    outcome.same_under_typos = played.asked == disturbed->typos;
    outcome.same_in_capitals = played.asked == disturbed->capitals;
  }
  AddPrediction(&outcome);
  AddCategory(row, decision, &outcome);
  return outcome;
}

PolicyJudge::Votes PolicyJudge::JudgeVotes(std::size_t row, const Policy& policy) {
  const std::string& prompt = questions_.rows[row]->prompt;
  const Decision decision = router_.Route(RequestOf(row, prompt, policy), policy);
  ReadCandidates(decision);
  std::vector<Called> called = CalledBy(row, decision, policy);
  if (called.empty()) return {{.score = 0, .calls = 0}, {.score = 0, .calls = 0}};
  Votes votes;
  votes.weighted = Ask(questions_, row, called);
  for (Called& each : called) each.weight = 1;
  votes.equal = Ask(questions_, row, called);
  return votes;
}

}  // namespace moerge
