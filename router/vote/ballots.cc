#include "router/vote/ballots.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "router/recruit/combination.h"

namespace moerge {
namespace {

// Weights are sums of floats: what differs by less is equal.
double WeightOf(std::int32_t answer, std::span<const Ballot> ballots) {
  double sum = 0;
  for (const Ballot& ballot : ballots) {
    if (ballot.answer == answer) sum += ballot.weight;
  }
  return sum;
}

// Whether no earlier ballot gave the answer at `place`.
bool IsFirst(std::size_t place, std::span<const Ballot> ballots) {
  const std::int32_t answer = ballots[place].answer;
  return answer >= 0 && std::ranges::none_of(ballots.first(place), [answer](const Ballot& ballot) {
           return ballot.answer == answer;
         });
}

constexpr std::size_t kHorizon = 3;  // votes ahead

// Probabilities of the answers named so far and of those that no expert named.
std::vector<double> AnswerProbabilities(std::span<const Ballot> ballots) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < ballots.size(); ++i) {
    if (IsFirst(i, ballots)) weights.push_back(std::exp(WeightOf(ballots[i].answer, ballots)));
  }
  weights.resize(std::max<std::size_t>(weights.size(), kWrongAnswers + 1), 1.0);
  double sum = 0;
  for (const double weight : weights) sum += weight;
  for (double& weight : weights) weight /= sum;
  return weights;
}

// Adds to `best[depth]` the part that this branch has in the expected probability of the winner.
void LookAhead(const std::vector<double>& joint, std::span<const double> waiting, std::size_t depth,
               std::array<double, kHorizon + 1>* best) {
  (*best)[depth] += *std::max_element(joint.begin(), joint.end());
  if (depth == std::min(kHorizon, waiting.size())) return;
  const double odds = std::exp(waiting[depth]);
  const double right = odds / (odds + static_cast<double>(joint.size()) - 1);
  const double wrong = (1 - right) / (static_cast<double>(joint.size()) - 1);
  std::vector<double> next(joint.size());
  for (std::size_t said = 0; said < joint.size(); ++said) {
    for (std::size_t true_one = 0; true_one < joint.size(); ++true_one) {
      next[true_one] = joint[true_one] * (said == true_one ? right : wrong);
    }
    LookAhead(next, waiting, depth + 1, best);
  }
}

}  // namespace

std::optional<std::size_t> WinnerOf(std::span<const Ballot> ballots) {
  std::optional<std::size_t> winner;
  double most = 0;
  for (std::size_t i = 0; i < ballots.size(); ++i) {
    if (ballots[i].answer < 0) continue;
    const double weight = WeightOf(ballots[i].answer, ballots);
    if (winner && weight <= most + kVoteEpsilon) continue;
    winner = i;
    most = weight;
  }
  return winner;
}

double VoteConfidence(std::span<const Ballot> ballots) {
  const auto winner = WinnerOf(ballots);
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

double GainOfMore(std::span<const Ballot> ballots, std::span<const double> waiting) {
  if (waiting.empty() || !WinnerOf(ballots)) return 0;
  std::array<double, kHorizon + 1> best{};
  LookAhead(AnswerProbabilities(ballots), waiting, 0, &best);
  double gain = 0;
  for (std::size_t calls = 1; calls <= std::min(kHorizon, waiting.size()); ++calls) {
    gain = std::max(gain, (best[calls] - best[0]) / static_cast<double>(calls));
  }
  return gain;
}

VoteEnd WhyDecided(std::span<const Ballot> ballots, std::span<const double> waiting,
                   const StopRule& rule) {
  const auto winner = WinnerOf(ballots);
  if (!winner) return VoteEnd::kNot;
  if (rule.confidence < 1 && VoteConfidence(ballots) >= rule.confidence) return VoteEnd::kConfident;
  const std::int32_t leader = ballots[*winner].answer;
  double second = 0;
  for (const Ballot& ballot : ballots) {
    if (ballot.answer >= 0 && ballot.answer != leader) {
      second = std::max(second, WeightOf(ballot.answer, ballots));
    }
  }
  const double rest = std::accumulate(waiting.begin(), waiting.end(), 0.0);
  if (WeightOf(leader, ballots) > second + rest + kVoteEpsilon) return VoteEnd::kUnchangeable;
  const bool low = rule.gain > 0 && GainOfMore(ballots, waiting) < rule.gain;
  return low ? VoteEnd::kLowGain : VoteEnd::kNot;
}

}  // namespace moerge
