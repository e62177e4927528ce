// Rows of the leaderboard that compare ways of making one answer out of several on the same
// questions. Each has a name by which it can be asked for as well (FindContestant), and belongs to
// a curve over calls and price. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "router/evaluate/contestants.h"

namespace moerge {

// One expert after another, the cheapest first: the policy's name on the leaderboard is "cascade".
Contestant CascadeContestant();

// "all", "cascade", "first", "race", "sampling", "vote".
const std::vector<std::string>& AggregateNames();

// The rows of those named. `experts`: how many the table has; votes have 2 to 7 of them, `all`
// every one. Error: kInvalid; an unknown name, with what there is.
Result<std::vector<Contestant>> AggregateContestants(const std::vector<std::string>& names,
                                                     std::size_t experts,
                                                     const TableTraits& traits);

}  // namespace moerge
