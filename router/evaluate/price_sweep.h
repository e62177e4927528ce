// Quality against price when each point of score may cost more and more: the expert with the best
// expectation less price weight x price, for weights from none to all. Pure.
#pragma once

#include <vector>

#include "router/evaluate/leaderboard.h"

namespace moerge {

// `expected`: by question, then expert; NaN: may not be asked. Empty without prices. By ascending
// weight; weights that change nothing are left out.
std::vector<CurvePoint> SweepPrice(const Questions& questions, const std::vector<float>& expected,
                                   const BootstrapOptions& options);

}  // namespace moerge
