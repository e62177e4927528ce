// A leaderboard as tables of text for a terminal. Pure.
#pragma once

#include <string>

#include "router/evaluate/leaderboard.h"

namespace moerge::cli {

// `axes`: with the table of design choices.
std::string DescribeLeaderboard(const Leaderboard& board, bool axes);

}  // namespace moerge::cli
