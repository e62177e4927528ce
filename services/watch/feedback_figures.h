// What clients said of answers, correctness and helpfulness apart, and whether the two go together.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/types.h"

namespace moerge {

struct JudgedShare {
  std::int64_t count = 0;
  double sum = 0;  // of scores, 0..1 each
};

struct FeedbackFigures {
  std::string expert;  // empty: all
  JudgedShare correctness;
  JudgedShare helpfulness;
  std::int64_t both = 0;  // judgements that say both
  // Pearson's, of those; none: fewer than three, or one of the two never differs.
  std::optional<double> correlation;
};

FeedbackFigures FiguresOfAll(const std::vector<Feedback>& feedback);
// By name.
std::vector<FeedbackFigures> FiguresByExpert(const std::vector<Feedback>& feedback);

}  // namespace moerge
