#include "router/evaluate/outcome.h"

namespace moerge {

Outcome Ask(const Questions& questions, std::size_t row, std::span<const Called> called) {
  std::vector<Ballot> ballots;
  Outcome outcome;
  for (const Called& each : called) {
    const std::size_t at = questions.At(row, each.expert);
    ballots.push_back({questions.answers[at], each.weight});
    outcome.price += static_cast<double>(questions.prices[at]);
  }
  const std::size_t winner = called.size() == 1 ? 0 : Vote(ballots).value_or(0);
  outcome.calls = static_cast<double>(called.size());
  outcome.score = static_cast<double>(questions.scores[questions.At(row, called[winner].expert)]);
  return outcome;
}

}  // namespace moerge
