// Several answers into one: a weighted plurality vote, and when it is decided before all have
// voted. A weight is evidence in nats (VoteWeight, router/recruit/combination.h): what votes sum to
// is the logarithm of how much likelier an answer is right than one particular wrong one, as in
// Symbolic-MoE's weighted vote (Chen et al. 2025). Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace moerge {

// Weights and probabilities that differ by less are equal.
inline constexpr double kVoteEpsilon = 1e-9;

struct Ballot {
  std::int32_t answer = -1;  // equal numbers are equal answers; below 0: none, casts no vote
  double weight = 1;         // at least 0
};

// Where the winning answer stands first; nothing if there are no votes. `ballots`: strongest expert
// first; of answers with equal weight the one wins that a stronger expert gave.
std::optional<std::size_t> WinnerOf(std::span<const Ballot> ballots);

// The probability that the winning answer is right, if the weights are what they say and the
// unnamed alternatives count as wrong answers without a vote. 0 if there are no votes.
double VoteConfidence(std::span<const Ballot> ballots);

// How much every further call is expected to add to the probability that the winning answer is
// right, at best over the next one, two or three waiting experts. What they will say is what the
// votes so far make probable. `waiting`: their weights, in the order in which they would be asked.
// 0 if none waits or none has voted. At most 1,000 steps per alternative answer.
double GainOfMore(std::span<const Ballot> ballots, std::span<const double> waiting);

// When a vote may end early: as expert pruning leaves out the calls that add least (MC-MoE, Huang
// et al. 2025; Not All Experts are Equal, Lu et al. 2024), by what they are expected to add to this
// answer and not by a share of the router's weights.
struct StopRule {
  double confidence = 1;  // the winning answer is right with this probability; 1: never for that
  double gain = 0;        // every further call is expected to add less; 0: never for that
};

// Why the experts that have not voted need not be asked.
enum class VoteEnd {
  kNot,           // they are to be asked; always before the first vote
  kUnchangeable,  // whatever they answer, they can no longer change the winner
  kConfident,     // by StopRule::confidence
  kLowGain,       // by StopRule::gain
};
VoteEnd WhyDecided(std::span<const Ballot> ballots, std::span<const double> waiting,
                   const StopRule& rule = {});
inline bool IsDecided(std::span<const Ballot> ballots, std::span<const double> waiting,
                      const StopRule& rule = {}) {
  return WhyDecided(ballots, waiting, rule) != VoteEnd::kNot;
}

}  // namespace moerge
