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

struct Demand {
  // Descending by probability, ties by name; the most probable ones, at most 16 and
  // none below 0.001 but the first, summing to <= 1.
  std::vector<SkillProbability> skills;
  double confidence = 0;  // calibrated probability that the first one is right, 0..1
  std::string classifier;
  std::size_t bytes_read = 0;  // work is bounded: a long prompt is read in part
  std::size_t bytes_total = 0;
  std::vector<std::string>
      notes;  // "read the first 6 kB and the last 2 kB of 1 MB", fallbacks taken
};

}  // namespace moerge
