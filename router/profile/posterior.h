// What one expert can be expected to do at one skill: a Beta posterior, shrunk toward the expert's
// overall strength, with declared strengths as a weak claim. It depends on that expert's own record
// alone, so that adding or removing another expert changes nothing. Pure; any thread.
//
// Shrinking: Efron and Morris 1975, "Data analysis using Stein's estimator and its
// generalizations".
#pragma once

#include <span>

#include "registry/snapshot.h"

namespace moerge {

// Trials of overall strength that are added to what was measured for a skill. Chosen on
// MMLU-Pro: with 25 rows per skill less falls below the best single expert more often, and more
// gains less; with 500 anything from 40 to 120 does as well.
inline constexpr double kOverallTrials = 80;
// Trials that a declared strength counts as, less those that were measured for the skill: a claim
// stands until it is tested.
inline constexpr double kDeclaredTrials = 10;
// An expert measured on this many skills counts as general even if it does not declare so; skills
// with less than a tenth of the trials of the most measured one do not count.
inline constexpr std::size_t kBroadSkills = 3;
inline constexpr float kBroadShare = 0.1f;

struct Posterior {
  bool known = false;  // false: no evidence, no declaration, not general
  double mean = 0;
  double trials = 0;  // effective number of trials behind the mean
  double Variance() const { return known ? mean * (1 - mean) / (trials + 1) : 0; }
};

// An expert's strength over all skills; `general` says whether it stands for skills without
// evidence.
struct Overall {
  bool general = false;
  double measured = 0;  // trials
  Posterior strength;
};
Overall OverallOf(const ExpertEntry& expert);

Posterior PosteriorOf(const ExpertEntry& expert, const Overall& overall, SkillId skill);

// Among records ascending by skill; null if there is none with trials.
const SkillRecord* FindRecord(std::span<const SkillRecord> cells, SkillId skill);

// The parts of it, for explanations; null if there is none.
const SkillRecord* RecordOf(const ExpertEntry& expert, SkillId skill);
const float* DeclaredOf(const ExpertEntry& expert, SkillId skill);

}  // namespace moerge
