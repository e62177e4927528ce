// Which skills one judged answer says something about, and how much. Pure; any thread.
//
// An answer counts as one trial, spread over what its request needed. Small parts of a demand are
// mostly the classifier's doubt: counted, they would make a specialist look as if it had been
// measured everywhere. So parts below three quarters of the largest count for nothing.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "registry/types.h"
#include "router/demand.h"

namespace moerge {

using SkillShares = std::vector<std::pair<std::string, double>>;

// Of skills with probabilities, in any order: the parts that count, largest first, summing to 1.
SkillShares SharesOf(SkillShares demand);
SkillShares SharesOf(const Demand& demand);

// One judged sample of an expert.
struct JudgedSample {
  std::string skill;  // empty: `shares` say
  double score = 0;   // 0..1
  SkillShares shares;
};
// Wins and trials by skill of all samples, by name; skills with less than a tenth of all trials are
// left out, unless a sample names them. `expert`, `source` and `updated` are the caller's to set.
std::vector<Evidence> EvidenceOf(const std::vector<JudgedSample>& samples);

// What a description claims: strengths of the skills that it speaks of, at most kClaimCap. A weak
// claim, to be routable at once; what is measured soon outweighs it. Empty: it speaks of none.
inline constexpr double kClaimCap = 0.6;
std::map<std::string, double> ClaimsOf(const Demand& description);

}  // namespace moerge
