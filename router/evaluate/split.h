// Which rows teach and which judge. Prompts that are equal but for case and spacing are one
// question: they never stand on both sides. Pure; deterministic for a seed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "registry/table_parser.h"
#include "router/learn/folds.h"

namespace moerge {

// Lower case, each run of white space one blank, none at the ends.
std::string PromptKey(std::string_view prompt);

// Every row is in the test part of exactly one fold; each category is dealt out evenly. The order
// of the rows does not matter. REQUIRES: folds >= 2.
std::vector<Fold> GroupedFolds(const std::vector<TableRow>& rows, int folds, std::uint64_t seed);

}  // namespace moerge
