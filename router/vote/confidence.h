// How probable it is that an answer is right, given which experts agree: a posterior whose one
// constant was calibrated on recorded answers. Evidence is in nats (VoteWeight,
// router/recruit/combination.h). Experts err together, so agreeing experts do not simply add up:
// the evidence for an answer that n gave is the sum of theirs divided by 1 + kInCommon * (n - 1),
// the weight of n equal measurements whose errors correlate (Kish 1965, "Survey Sampling": the
// design effect). Pure; any thread.
//
// On ten models' and on twelve smaller models' recorded answers to 8,422 MMLU-Pro questions,
// cross-validated, with votes of 2 to 10 the expected calibration error is 0.02 to 0.05; the
// weights of a vote, discounted by what seats have in common, give 0.05 to 0.26. The constant is a
// plateau from 0.25 to 0.35 on both pools, and a sigmoid fitted on one pool and read on the other
// is the identity but for 0.1 in its slope: nothing is left to be fitted per table.
#pragma once

#include <cstdint>
#include <span>

namespace moerge {

inline constexpr double kInCommon = 0.3;

// What one expert said.
struct Voice {
  std::int32_t answer = -1;  // equal numbers are equal answers; below 0: none
  double expected = 0;       // probability that this expert is right on the request, 0..1
};

// The probability that `answer` is right, 0..1. Unnamed answers count as wrong ones without
// evidence. A single voice counts as its expert's expected score; 0 if no voice gave `answer`.
double CalibratedVoteConfidence(std::span<const Voice> voices, std::int32_t answer);

}  // namespace moerge
