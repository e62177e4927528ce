// Several recorded answers into one: a weighted vote. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace moerge {

struct Ballot {
  std::int32_t answer = -1;  // equal numbers are equal answers; below 0: none, casts no vote
  double weight = 1;         // at least 0
};

// Where the winning answer stands first; nothing if nobody votes. `ballots`: strongest expert
// first; of answers with equal weight the one wins that a stronger expert gave.
std::optional<std::size_t> Vote(std::span<const Ballot> ballots);

}  // namespace moerge
