#include "router/evaluate/abstain_sweep.h"

#include <cmath>

namespace moerge {
namespace {

Estimate MeanOf(std::vector<double> scores, const BootstrapOptions& options) {
  if (scores.empty()) return {Outcome::kUnknown, Outcome::kUnknown, Outcome::kUnknown};
  return BootstrapMeans({std::move(scores)}, options).front();
}

}  // namespace

Estimate Answered(const Outcomes& outcomes, const BootstrapOptions& options) {
  std::vector<double> scores;
  for (const Outcome& outcome : outcomes) {
    if (outcome.calls > 0) scores.push_back(outcome.score);
  }
  return MeanOf(std::move(scores), options);
}

std::vector<CurvePoint> SweepAbstain(const Outcomes& outcomes, const BootstrapOptions& options) {
  std::vector<CurvePoint> curve;
  for (int tenth = 1; tenth < 10; ++tenth) {
    const double least = tenth / 10.0;
    std::vector<double> scores;
    double known = 0, price = 0;
    for (const Outcome& outcome : outcomes) {
      if (std::isnan(outcome.expected)) continue;
      known += 1;
      if (outcome.expected < least) continue;
      scores.push_back(outcome.score);
      price += outcome.price;
    }
    const auto answered = static_cast<double>(scores.size());
    if (scores.empty() || answered == known) continue;
    CurvePoint point{"answered", least, answered / known, price / known, {}};
    point.score = MeanOf(std::move(scores), options);
    curve.push_back(std::move(point));
  }
  return curve;
}

}  // namespace moerge
