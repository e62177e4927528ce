// A leaderboard as a picture: accuracy of every row with its interval, accuracy over the number of
// calls, accuracy over price. One SVG document for a browser. Pure.
#pragma once

#include <string>

#include "router/evaluate/leaderboard.h"

namespace moerge {

std::string LeaderboardSvg(const Leaderboard& board);

}  // namespace moerge
