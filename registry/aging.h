// Exponential forgetting: evidence counts less the older it is. Thread-safe, pure.
//
// Applied when a snapshot is built, to a copy of the counts; what is stored is never rewritten, so
// that another half-life can be tried at any time. Ages are whole days in UTC: snapshots of one day
// say the same, and a change of one expert never moves the numbers of another.
#pragma once

#include <chrono>

#include "registry/types.h"

namespace moerge {

struct Aging {
  std::chrono::seconds half_life{0};  // 0: nothing is forgotten
  WallTime now;                       // the moment that ages are counted to
};

// 1 for evidence of today, of the future, without a date, or without a half-life; a half for each
// half-life since. Never below 2^-30: age alone takes no skill from an expert.
double AgeWeight(WallTime updated, const Aging& aging);

// Midnight, UTC, before `time`.
WallTime DayOf(WallTime time);

}  // namespace moerge
