// Which policies stand on the leaderboard: every classifier with the default recruiter, every
// recruiter with the default classifier, votes of several experts, and what is asked for by name.
// Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

struct Contestant {
  std::string name;
  std::string kind;  // "baseline", "default", "classifier", "recruiter", "vote", "policy"
  Policy policy;     // of a baseline: only the name
};

// The default policy; its name on the leaderboard is "auto".
Contestant DefaultContestant();
// The default first. `counts`: sizes of votes, those over 1 are used; empty: no votes.
std::vector<Contestant> StandardContestants(const std::vector<std::size_t>& counts);

// The standard one of that name, or CLASSIFIER+RECRUITER. The error lists what there is.
Result<Contestant> FindContestant(const std::string& name, const std::vector<Contestant>& standard);

// What a policy lacks to be judged on a table alone, in words: signals from outside, options that
// it cannot do without. Empty: nothing.
std::string Lacks(const Policy& policy);

// The names of the baselines, in the order they are shown.
const std::vector<std::string>& BaselineNames();

}  // namespace moerge
