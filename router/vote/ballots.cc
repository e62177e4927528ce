#include "router/vote/ballots.h"

#include <algorithm>
#include <cmath>

#include "router/recruit/combination.h"

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

// Whether the answer at `place` was not given by anybody before.
bool IsFirst(std::size_t place, std::span<const Ballot> ballots) {
  const std::int32_t answer = ballots[place].answer;
  return answer >= 0 && std::ranges::none_of(ballots.first(place), [answer](const Ballot& ballot) {
           return ballot.answer == answer;
         });
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

double VoteConfidence(std::span<const Ballot> ballots) {
  const auto winner = Vote(ballots);
  if (!winner) return 0;
  const double most = WeightOf(ballots[*winner].answer, ballots);
  double all = 0;
  int named = 0;
  for (std::size_t i = 0; i < ballots.size(); ++i) {
    if (!IsFirst(i, ballots)) continue;
    all += std::exp(WeightOf(ballots[i].answer, ballots) - most);
    ++named;
  }
  return 1 / (all + std::max(0, kWrongAnswers + 1 - named) * std::exp(-most));
}

bool IsSettled(std::span<const Ballot> ballots, double waiting, double confidence) {
  const auto winner = Vote(ballots);
  if (!winner) return false;
  if (confidence < 1 && VoteConfidence(ballots) >= confidence) return true;
  const std::int32_t leader = ballots[*winner].answer;
  double second = 0;
  for (const Ballot& ballot : ballots) {
    if (ballot.answer >= 0 && ballot.answer != leader) {
      second = std::max(second, WeightOf(ballot.answer, ballots));
    }
  }
  return WeightOf(leader, ballots) > second + waiting + kEqual;
}

}  // namespace moerge
