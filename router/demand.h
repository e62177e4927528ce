// What step 1 says about a request: how probable it is that it needs each skill.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "registry/ids.h"

namespace moerge {

struct SkillProbability {
  SkillId skill;
  float probability;
};

// What a classifier itself knows about an expert on this very request, beyond skills.
struct ExpertOpinion {
  ExpertId expert;
  float expected;  // probability of a good answer, 0..1
  float weight;    // 0..1: how much it counts against what the profile says
};

struct Demand {
  // Descending by probability, ties by name; the most probable ones, at most 16 and
  // none below 0.001 but the first, summing to <= 1.
  std::vector<SkillProbability> skills;
  std::vector<ExpertOpinion> experts;  // often none: profiles alone decide
  double confidence = 0;               // calibrated probability that the first one is right, 0..1
  std::string classifier;
  std::size_t bytes_read = 0;  // work is bounded: a long prompt is read in part
  std::size_t bytes_total = 0;
  std::vector<std::string>
      notes;  // "read the first 6 kB and the last 2 kB of 1 MB", fallbacks taken
};

}  // namespace moerge
