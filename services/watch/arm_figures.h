// What the versions of a policy did while one was on trial: out of the kept decisions and what
// clients said of them.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/base/result.h"
#include "registry/decision_log.h"
#include "services/watch/score_sample.h"

namespace moerge {

// A decision's judgements, by id: what clients said of the whole answer, if several did the mean.
using Judgements = std::unordered_map<std::string, ScoreSample>;
Judgements JudgementsOf(const std::vector<Feedback>& feedback);

struct ArmFigures {
  // Newer ones are looked at, at most so many; dry runs are none.
  static constexpr std::int64_t kMost = 10'000;

  std::string policy;
  std::int64_t requests = 0;
  std::int64_t cancelled = 0;  // by their clients: they tell nothing of success
  bool cut = false;            // there are more than kMost
  ScoreSample success;         // 1 answered, 0 failed
  ScoreSample feedback;        // of judged decisions
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  std::int64_t calls = 0;
  double cost_usd = 0;
  std::vector<double> latencies_ms = {};  // of answered ones, ascending

  // 0 < q < 1; 0 where nothing was answered.
  double LatencyAt(double q) const;
};

// Blocking: on the thread for questions. `since`: when the trial began.
Result<ArmFigures> ReadArm(DecisionQueries& decisions, const std::string& policy, WallTime since,
                           const Judgements& judgements);

}  // namespace moerge
