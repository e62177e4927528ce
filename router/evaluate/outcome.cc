#include "router/evaluate/outcome.h"

namespace moerge {

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
  const std::size_t winner = Vote(ballots).value_or(0);
  outcome.calls = static_cast<double>(ballots.size());
  outcome.score = static_cast<double>(questions.scores[questions.At(row, called[winner].expert)]);
  return outcome;
}

}  // namespace moerge
