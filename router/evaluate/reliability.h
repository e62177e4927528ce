// How honest predicted probabilities are: the reliability diagram and the expected calibration
// error over bins of equal width (Guo et al. 2017, "On Calibration of Modern Neural Networks"), and
// the Brier score. Pure.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace moerge {

struct ReliabilityBin {
  std::size_t rows = 0;
  double predicted = 0;  // mean probability
  double happened = 0;   // mean outcome
};

struct Reliability {
  std::size_t rows = 0;
  double error = 0;  // expected calibration error, 0..1
  double brier = 0;  // mean squared difference
  std::vector<ReliabilityBin> bins;
};

inline constexpr std::size_t kReliabilityBins = 15;

// `pairs`: predicted probability and outcome, both 0..1.
Reliability MeasureReliability(const std::vector<std::pair<double, double>>& pairs,
                               std::size_t bins = kReliabilityBins);

}  // namespace moerge
