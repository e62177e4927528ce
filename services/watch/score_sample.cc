#include "services/watch/score_sample.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace moerge {
namespace {

constexpr double kScale = 0.1;      // of the fall that is looked for
constexpr double kQuantile = 1.96;  // two-sided, 95 %

double NormalBelow(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

}  // namespace

double ScoreSample::error_variance() const {
  const double n = count + 1;
  const double mean = (sum + 0.5) / n;
  return ((squares + 0.5) / n - mean * mean) / n;
}

ScoreInterval IntervalOf(const ScoreSample& sample) {
  if (sample.count <= 0) return {};
  const double half = kQuantile * std::sqrt(sample.error_variance());
  return {std::max(0.0, sample.mean() - half), std::min(1.0, sample.mean() + half)};
}

MeanComparison CompareMeans(const ScoreSample& before, const ScoreSample& after) {
  MeanComparison result;
  if (before.count <= 0 || after.count <= 0) return result;
  result.difference = after.mean() - before.mean();
  result.enough = before.count >= kLeastScores && after.count >= kLeastScores;
  if (!result.enough) return result;
  const double noise = before.error_variance() + after.error_variance();
  const double scale = kScale * kScale;
  const double all = noise + scale;
  const double z = -result.difference * kScale / std::sqrt(noise * all);
  const double ratio = 2 * std::sqrt(noise / all) * std::exp(z * z / 2) * NormalBelow(z);
  result.p = std::min(1.0, 1 / ratio);
  return result;
}

}  // namespace moerge
