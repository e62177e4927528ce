// A leaderboard as JSON. Pure.
#pragma once

#include <string>

#include "router/evaluate/leaderboard.h"

namespace moerge {

struct ReportSource {
  std::string train;
  std::string test;  // empty: cross-validated
  std::uint64_t seed = 0;
  std::size_t resamples = 0;
};

// One object, with its line end. What is unknown is null.
std::string LeaderboardJson(const Leaderboard& board, const ReportSource& source);

}  // namespace moerge
