// Probabilities by skill as a demand lists them. Pure; any thread.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "router/demand.h"

namespace moerge {

// The most probable ones, best first, ties by place; at most 16, none below 0.001 but the first.
inline std::vector<SkillProbability> MostProbable(std::span<const SkillId> skills,
                                                  std::span<const float> probabilities) {
  constexpr std::size_t kKept = 16;
  constexpr float kLeast = 0.001f;
  std::vector<std::uint32_t> order(skills.size());
  std::iota(order.begin(), order.end(), 0u);
  const std::size_t kept = std::min(kKept, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
      [&](std::uint32_t a, std::uint32_t b) {
        return probabilities[a] != probabilities[b] ? probabilities[a] > probabilities[b] : a < b;
      });
  std::vector<SkillProbability> best;
  for (std::size_t i = 0; i < kept; ++i) {
    if (probabilities[order[i]] < kLeast && !best.empty()) break;
    best.push_back({skills[order[i]], probabilities[order[i]]});
  }
  return best;
}

}  // namespace moerge
