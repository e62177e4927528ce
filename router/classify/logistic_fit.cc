#include "router/classify/logistic_fit.h"

#include <cmath>

namespace moerge {

double LogisticCurve::At(double x) const { return 1 / (1 + std::exp(-slope * x - offset)); }

LogisticCurve FitLogistic(std::span<const LogisticPoint> points, const LogisticCurve& usual,
                          double pull) {
  constexpr int kRounds = 25;  // of Newton's method, which is there after a few
  LogisticCurve curve = usual;
  for (int round = 0; round < kRounds; ++round) {
    double by_slope = pull * (curve.slope - usual.slope);
    double by_offset = pull * (curve.offset - usual.offset);
    double slope2 = pull, both = 0, offset2 = pull;
    for (const LogisticPoint& point : points) {
      const double p = curve.At(point.x);
      const double curvature = point.weight * p * (1 - p);
      by_slope += point.weight * (p - point.target) * point.x;
      by_offset += point.weight * (p - point.target);
      slope2 += curvature * point.x * point.x;
      both += curvature * point.x;
      offset2 += curvature;
    }
    const double determinant = slope2 * offset2 - both * both;
    curve.slope -= (offset2 * by_slope - both * by_offset) / determinant;
    curve.offset -= (slope2 * by_offset - both * by_slope) / determinant;
  }
  const bool sound = std::isfinite(curve.slope) && std::isfinite(curve.offset) && curve.slope > 0;
  return sound ? curve : usual;
}

}  // namespace moerge
