// Rows dealt out for cross-validation: stratified, deterministic, independent of the rows' content.
// Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace moerge {

struct Fold {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> test;
};

// `labels` is indexed by row. Each row is in the test part of exactly one fold; the rows of one
// label are dealt evenly. Fewer than two rows, or folds < 2: no folds.
std::vector<Fold> MakeFolds(std::span<const std::uint32_t> rows,
                            std::span<const std::uint32_t> labels, int folds);

}  // namespace moerge
