#include "router/learn/folds.h"

#include <unordered_map>

#include "config/base/random.h"

namespace moerge {

std::vector<Fold> MakeFolds(std::span<const std::uint32_t> rows,
                            std::span<const std::uint32_t> labels, int folds) {
  if (rows.size() < 2 || folds < 2) return {};
  std::vector<std::uint32_t> shuffled(rows.begin(), rows.end());
  Random random(7);
  for (std::size_t i = shuffled.size(); i > 1; --i) {
    std::swap(shuffled[i - 1], shuffled[random.Below(i)]);
  }
  std::vector<Fold> dealt(static_cast<std::size_t>(folds));
  std::unordered_map<std::uint32_t, std::size_t> next;
  for (const std::uint32_t row : shuffled) {
    const std::size_t test = (next[labels[row]]++ + labels[row]) % dealt.size();
    for (std::size_t fold = 0; fold < dealt.size(); ++fold) {
      (fold == test ? dealt[fold].test : dealt[fold].train).push_back(row);
    }
  }
  return dealt;
}

}  // namespace moerge
