// Whether what clients say of an expert's answers has become worse. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/types.h"
#include "services/watch/score_sample.h"

namespace moerge {

struct ExpertFall {
  std::string expert;
  ScoreSample before;  // judgements up to then
  ScoreSample after;   // the latest ones
  WallTime since;      // when the first of those came
  double p = 1;        // MeanComparison::p, times the number of comparisons that were made
};

// Below this the fall is one.
inline constexpr double kFallLevel = 0.01;

// Compares the latest 30, 60, 120, ... 960 judgements of each expert with all before them; an
// expert is in the result, by name, if the clearest of these is below kFallLevel when multiplied by
// the number of comparisons of all experts. `feedback` in any order.
std::vector<ExpertFall> FindFalls(std::vector<Feedback> feedback);

}  // namespace moerge
