#include "router/evaluate/vote.h"

namespace moerge {
namespace {

// Weights are sums of floats: what differs by less is equal.
constexpr double kEqual = 1e-9;

double WeightOf(std::int32_t answer, std::span<const Ballot> ballots) {
  double sum = 0;
  for (const Ballot& ballot : ballots) {
    if (ballot.answer == answer) sum += ballot.weight;
  }
  return sum;
}

}  // namespace

std::optional<std::size_t> Vote(std::span<const Ballot> ballots) {
  std::optional<std::size_t> winner;
  double most = 0;
  for (std::size_t i = 0; i < ballots.size(); ++i) {
    if (ballots[i].answer < 0) continue;
    const double weight = WeightOf(ballots[i].answer, ballots);
    if (winner && weight <= most + kEqual) continue;
    winner = i;
    most = weight;
  }
  return winner;
}

}  // namespace moerge
