#include "router/evaluate/outcome.h"

#include <algorithm>
#include <cmath>

#include "router/vote/confidence.h"

namespace moerge {
namespace {

// How sure a vote is of the answer of `asked[winner]`; for a reply without an answer, its expert's
// expected score. Unknown if one of the experts has no expectation.
double SureOf(const Questions& questions, std::size_t row, std::span<const Called> asked,
              std::size_t winner) {
  std::vector<Voice> voices;
  for (const Called& each : asked) {
    if (std::isnan(each.expected)) return Outcome::kUnknown;
    voices.push_back({questions.answers[questions.At(row, each.expert)], each.expected});
  }
  if (voices[winner].answer < 0) return voices[winner].expected;
  return CalibratedVoteConfidence(voices, voices[winner].answer);
}

}  // namespace

Outcome Ask(const Questions& questions, std::size_t row, std::span<const Called> called,
            const StopRule& rule) {
  std::vector<Ballot> ballots;
  std::vector<double> weights;
  for (const Called& each : called) weights.push_back(each.weight);
  const std::span<const double> all(weights);
  Outcome outcome;
  for (const Called& each : called) {
    if (IsDecided(ballots, all.subspan(ballots.size()), rule)) break;
    const std::size_t at = questions.At(row, each.expert);
    ballots.push_back({questions.answers[at], each.weight});
    outcome.price += static_cast<double>(questions.prices[at]);
  }
  const std::size_t winner = WinnerOf(ballots).value_or(0);
  outcome.calls = static_cast<double>(ballots.size());
  outcome.score = static_cast<double>(questions.scores[questions.At(row, called[winner].expert)]);
  outcome.expected = SureOf(questions, row, called.first(ballots.size()), winner);
  return outcome;
}

Outcome AskCascade(const Questions& questions, std::size_t row, std::span<const Called> order,
                   double adequate, const CascadeRule& rule) {
  const bool open = questions.rows[row]->answers.empty();
  std::vector<CascadeBallot> ballots;
  CascadeStep step;
  Outcome outcome;
  do {
    const Called& next = order[ballots.size()];
    const std::size_t at = questions.At(row, next.expert);
    ballots.push_back(
        {.answer = open ? CascadeBallot::kOpen : questions.answers[at], .expected = next.expected});
    outcome.price += static_cast<double>(questions.prices[at]);
    step = Step(ballots, order.size() - ballots.size(), adequate, rule);
  } while (step.kind == CascadeStep::Kind::kNext);
  outcome.calls = static_cast<double>(ballots.size());
  outcome.score =
      static_cast<double>(questions.scores[questions.At(row, order[step.ballot].expert)]);
  outcome.expected = step.confidence;
  return outcome;
}

}  // namespace moerge
