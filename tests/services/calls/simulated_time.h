// Times of simulations of what is decided about devices: any, but none of them the clock's zero.
#pragma once

#include <chrono>

namespace moerge::test {

using SimulatedClock = std::chrono::steady_clock;

inline SimulatedClock::duration Lasting(double seconds) {
  return std::chrono::duration_cast<SimulatedClock::duration>(
      std::chrono::duration<double>(seconds));
}

// So long after the simulation's begin.
inline SimulatedClock::time_point At(double seconds) {
  return SimulatedClock::time_point{} + std::chrono::hours(1) + Lasting(seconds);
}

}  // namespace moerge::test
