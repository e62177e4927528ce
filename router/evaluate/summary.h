// The outcomes of one contestant in numbers. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "router/evaluate/bootstrap.h"
#include "router/evaluate/outcome.h"
#include "router/evaluate/reliability.h"
#include "router/evaluate/risk_coverage.h"

namespace moerge {

// Parts of the questions on which all contestants are compared.
struct Slices {
  std::vector<std::uint8_t> tercile;    // by question: 0 the easiest third .. 2 the hardest
  std::vector<std::uint8_t> uncertain;  // by question: 1 in the quarter with the smallest margins
};
// Difficulty: the mean score over all experts. Margin: the lead that the default policy sees.
Slices MakeSlices(const Questions& questions, const Outcomes& by_default);

struct SliceMean {
  double score = 0;
  double calls = 0;
};

struct Summary {
  double calls = 0;
  double price = 0;
  double abstained = 0;  // share of questions for which no expert was asked
  double micros_median = Outcome::kUnknown;
  double micros_high = Outcome::kUnknown;  // 99th percentile
  Reliability expected;                    // of the predicted score; no rows: not predicted
  RiskCoverage coverage;                   // by it
  Reliability confidence;                  // of the predicted category
  double category_accuracy = Outcome::kUnknown;
  double table_predicted = Outcome::kUnknown;  // category table, told the predicted category
  double same_under_typos = Outcome::kUnknown;
  double same_in_capitals = Outcome::kUnknown;
  std::array<SliceMean, 3> tercile;    // easy, middle, hard
  std::array<SliceMean, 2> by_margin;  // elsewhere, small margin
};
Summary Summarise(const Outcomes& outcomes, const Slices& slices);

}  // namespace moerge
