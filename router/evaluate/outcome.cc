#include "router/evaluate/outcome.h"

namespace moerge {

Outcome Ask(const Questions& questions, std::size_t row, std::span<const Called> called,
            double confidence) {
  std::vector<Ballot> ballots;
  Outcome outcome;
  double waiting = 0;
  for (const Called& each : called) waiting += each.weight;
  for (const Called& each : called) {
    if (IsSettled(ballots, waiting, confidence)) break;
    const std::size_t at = questions.At(row, each.expert);
    ballots.push_back({questions.answers[at], each.weight});
    outcome.price += static_cast<double>(questions.prices[at]);
    waiting -= each.weight;
  }
  const std::size_t winner = Vote(ballots).value_or(0);
  outcome.calls = static_cast<double>(ballots.size());
  outcome.score = static_cast<double>(questions.scores[questions.At(row, called[winner].expert)]);
  return outcome;
}

}  // namespace moerge
