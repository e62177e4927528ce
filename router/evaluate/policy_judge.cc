#include "router/evaluate/policy_judge.h"

#include <algorithm>

#include "config/base/hash.h"
#include "registry/registry.h"
#include "router/evaluate/perturb.h"
#include "router/policy_options.h"

namespace moerge {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

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

Decision PolicyJudge::Decide(std::size_t row, const std::string& prompt, const Policy& policy) {
  return router_.Route(prompt, policy, Hash64(questions_.rows[row]->id, options_.seed));
}

void PolicyJudge::ReadCandidates(const Decision& decision) {
  expected_.assign(questions_.experts.size(), kNan);
  order_.clear();
  for (const Candidate& candidate : decision.candidates) {
    const auto at = index_.find(Raw(candidate.expert));
    if (at == index_.end() || candidate.excluded != Exclusion::kNone) continue;
    expected_[at->second] = candidate.utility;
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
    if (!Has(called, expert)) called.push_back({expert, weight});
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

void PolicyJudge::AddPrediction(std::size_t row, const Decision& decision, Outcome* outcome) {
  std::vector<float> leading;
  for (const std::uint32_t expert : order_) leading.push_back(expected_[expert]);
  std::sort(leading.begin(), leading.end(), std::greater<>());
  if (leading.size() > 1) outcome->margin = static_cast<double>(leading[0] - leading[1]);
  if (outcome->calls == 1 && decision.roster.size() == 1) {
    for (const Candidate& candidate : decision.candidates) {
      if (candidate.expert != decision.roster.front().expert) continue;
      const auto at = index_.find(Raw(candidate.expert));
      if (at == index_.end() || !questions_.Recorded(row, at->second)) continue;
      outcome->expected = static_cast<double>(candidate.expected);
    }
  }
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
  const Decision decision = Decide(row, prompt, policy);
  ReadCandidates(decision);
  std::vector<std::uint32_t> asked;
  for (const Called& called : CalledBy(row, decision, policy)) asked.push_back(called.expert);
  std::sort(asked.begin(), asked.end());
  return asked;
}

Outcome PolicyJudge::Judge(std::size_t row, const Policy& policy) {
  const std::string& prompt = questions_.rows[row]->prompt;
  const std::uint64_t seed = Hash64(questions_.rows[row]->id, options_.seed);
  const auto typos = AskedFor(WithTypos(prompt, options_.typo_rate, seed), row, policy);
  const auto capitals = AskedFor(UpperAscii(prompt), row, policy);
  const double start = options_.clock == nullptr ? Outcome::kUnknown : options_.clock();
  const Decision decision = Decide(row, prompt, policy);
  const double micros = options_.clock == nullptr ? start : options_.clock() - start;
  ReadCandidates(decision);
  const std::vector<Called> called = CalledBy(row, decision, policy);
  std::vector<std::uint32_t> asked;
  for (const Called& each : called) asked.push_back(each.expert);
  std::sort(asked.begin(), asked.end());
  const StopRule rule{NumberOption(policy, "vote.confidence"), NumberOption(policy, "vote.gain")};
  Outcome outcome =
      called.empty() ? Outcome{.score = 0, .calls = 0} : Ask(questions_, row, called, rule);
  outcome.micros = micros;
  outcome.same_under_typos = asked == typos;
  outcome.same_in_capitals = asked == capitals;
  AddPrediction(row, decision, &outcome);
  AddCategory(row, decision, &outcome);
  return outcome;
}

PolicyJudge::Votes PolicyJudge::JudgeVotes(std::size_t row, const Policy& policy) {
  const Decision decision = Decide(row, questions_.rows[row]->prompt, policy);
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
