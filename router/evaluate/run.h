// The outcomes behind a leaderboard: every fold learnt once, every contestant judged on it. Owned
// by one Evaluate call; not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "router/evaluate/baselines.h"
#include "router/evaluate/leaderboard.h"

namespace moerge {

struct Run {
  Questions questions;
  std::vector<std::uint32_t> judged;              // rows that were in a test part, ascending
  std::vector<std::vector<std::uint32_t>> folds;  // the same by fold
  std::optional<ExpertPair> pair;
  std::map<std::string, Outcomes> baselines;
  std::vector<Outcomes> contestants;  // by contestant; empty: it could not be trained
  std::map<std::size_t, Outcomes> recruited, recruited_equal, fixed, random;  // by k
  SkillPairs skill_pairs;
  std::vector<float> expected;  // by row, then expert: what the default policy expects; NaN unknown
};

Result<Run> JudgeAll(const EvaluationTask& task);

// Only the questions that were judged, in their order.
Run KeepJudged(Run run);

}  // namespace moerge
