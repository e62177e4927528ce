// Selective answering: how wrong a policy is on the questions that it is surest of, from its own
// confidence. Geifman and El-Yaniv 2017, "Selective Classification for Deep Neural Networks" (risk
// and coverage), and Geifman et al. 2019, "Bias-Reduced Uncertainty Estimation for Deep Neural
// Classifiers" (AURC, the area under the risk-coverage curve). Pure.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace moerge {

inline constexpr std::array<double, 3> kCoverages = {0.5, 0.8, 1.0};

struct RiskCoverage {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  std::size_t rows = 0;                                             // with a confidence
  double aurc = kUnknown;                                           // 0..1; lower is better
  std::array<double, 3> accuracy = {kUnknown, kUnknown, kUnknown};  // at kCoverages
};

// `pairs`: confidence and score of each question, both 0..1. Questions of equal confidence are
// answered in any order: their mean counts. Unknown throughout without questions.
RiskCoverage MeasureRiskCoverage(std::vector<std::pair<double, double>> pairs);

}  // namespace moerge
