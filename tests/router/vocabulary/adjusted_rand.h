// How far two ways of grouping the same items agree: 1 the same, about 0 by chance. Hubert and
// Arabie 1985, "Comparing partitions".
#pragma once

#include <map>
#include <utility>
#include <vector>

namespace moerge {

inline double AdjustedRand(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
  const auto pairs = [](double n) { return n * (n - 1) / 2; };
  std::map<std::pair<std::size_t, std::size_t>, double> both;
  std::map<std::size_t, double> of_a, of_b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both[{a[i], b[i]}] += 1, of_a[a[i]] += 1, of_b[b[i]] += 1;
  }
  double together = 0, in_a = 0, in_b = 0;
  for (const auto& [cell, n] : both) together += pairs(n);
  for (const auto& [group, n] : of_a) in_a += pairs(n);
  for (const auto& [group, n] : of_b) in_b += pairs(n);
  const double chance = in_a * in_b / pairs(static_cast<double>(a.size()));
  const double most = (in_a + in_b) / 2;
  return most == chance ? 1 : (together - chance) / (most - chance);
}

}  // namespace moerge
