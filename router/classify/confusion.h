// Which skills a classifier takes for which, counted on rows that it had not learnt from when it
// was asked. A value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace moerge {

// Trivially copyable: it is cached as it is.
struct ConfusionCount {
  std::uint32_t truth = 0;       // index of a skill
  std::uint32_t recognised = 0;  // the most probable one
  std::uint32_t examples = 0;    // of the vocabulary
  std::uint32_t questions = 0;   // observed: of tables and judged requests
};

struct Confusion {
  std::vector<std::string> skills;
  std::vector<ConfusionCount> counts;  // ascending by truth, then by what was recognised; no zeros
};

}  // namespace moerge
