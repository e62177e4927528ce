#include "registry/aging.h"

#include <algorithm>
#include <cmath>

namespace moerge {
namespace {
constexpr double kLeastPower = -30;
}

WallTime DayOf(WallTime time) { return std::chrono::floor<std::chrono::days>(time); }

double AgeWeight(WallTime updated, const Aging& aging) {
  if (aging.half_life.count() <= 0 || updated == WallTime{}) return 1;
  const std::chrono::duration<double> age = DayOf(aging.now) - DayOf(updated);
  if (age.count() <= 0) return 1;
  const std::chrono::duration<double> half_life = aging.half_life;
  return std::exp2(std::max(-(age / half_life), kLeastPower));
}

}  // namespace moerge
