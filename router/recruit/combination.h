// How likely several experts together find the right answer, before any is asked. Pure; any thread.
//
// The combined answer is the one with most votes; ties fall to either side. Experts err together:
// their successes hang on one hidden difficulty of the request (a one-factor model) as strongly as
// their errors correlate on average, so that a roster of look-alikes gains little. Wrong experts
// scatter over kWrongAnswers equally tempting answers, which is why a right minority often wins.
// On ten models' answers to 8,422 MMLU-Pro questions the share of questions that c right of k carry
// agrees with 4 such answers within 0.06 for k of 3, 4, 5 and 7.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace moerge {

inline constexpr int kWrongAnswers = 4;
inline constexpr std::size_t kMostSeats = 64;

// Probability that the right answer wins the vote when `right` of `voters` give it.
// REQUIRES: right <= voters <= kMostSeats.
double VoteWon(std::size_t voters, std::size_t right);

// For the first one, two, ... of the seats: the probability that their combined answer is right.
// `expected`: each one's probability of a right answer alone; `shared`: by seat, the sum of what
// its errors have in common with those of the seats before it (each 0..1). Both of one size, at
// most kMostSeats.
std::vector<double> CombinedConfidence(std::span<const float> expected,
                                       std::span<const float> shared);

// What one expert's answer counts in a vote that sums weights by answer: the logarithm of how much
// likelier the answer is right than one particular wrong one, ln(p / ((1 - p) / kWrongAnswers)), at
// least 0.05. Votes of independent experts then add up as evidence does. `shared` (the sum of what
// its errors have in common with the other seats') divides it: n experts that always agree count
// as one.
float VoteWeight(float expected, float shared);

}  // namespace moerge
