// A logistic curve through points: p = 1 / (1 + exp(-(slope * x + offset))). Platt 1999,
// "Probabilistic Outputs for Support Vector Machines". Pure.
#pragma once

#include <span>

namespace moerge {

struct LogisticPoint {
  double x;
  double target;  // 0..1
  double weight;
};

struct LogisticCurve {
  double slope = 1;
  double offset = 0;
  double At(double x) const;
};

// Least log loss, pulled toward `usual` as if by `pull` points. `usual` itself if there is no sound
// answer or the slope would not be positive.
LogisticCurve FitLogistic(std::span<const LogisticPoint> points, const LogisticCurve& usual,
                          double pull);

}  // namespace moerge
