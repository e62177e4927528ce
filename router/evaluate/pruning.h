// How many experts the default policy needs: the smallest registry, found by leaving out one after
// another, that loses at most a point. Chosen on one half of the questions and judged on the other.
// After Lu et al. 2024, "Not All Experts are Equal: Efficient Expert Pruning and Skipping for
// Mixture-of-Experts Large Language Models". Pure.
#pragma once

#include <string>
#include <vector>

#include "router/evaluate/questions.h"

namespace moerge {

struct PruningReport {
  static constexpr std::size_t kMaxExperts = 64;  // more are not pruned: the report is empty
  static constexpr double kMayLose = 0.01;

  std::vector<std::string> kept;  // chosen on all questions
  double full = 0;                // score with every expert, one call
  double held_out = 0;            // of subsets judged on the half they were not chosen on
  double held_out_size = 0;       // their mean size
};

// `expected`: by question, then expert; NaN: may not be asked.
PruningReport Prune(const Questions& questions, const std::vector<float>& expected);

}  // namespace moerge
