// What bench_quality counts: means and coverage. One thread per object.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include "router/decision.h"

namespace moerge {

class Tally {
 public:
  void Add(const std::string& what, double value) {
    sums_[what].first += value;
    sums_[what].second += 1;
  }
  double Mean(const std::string& what) const {
    const auto at = sums_.find(what);
    return at == sums_.end() ? 0 : at->second.first / at->second.second;
  }
  void Print() const {
    for (const auto& [what, sum] : sums_) {
      std::printf("%-58s %8.4f  (%.0f)\n", what.c_str(), sum.first / sum.second, sum.second);
    }
  }

 private:
  std::map<std::string, std::pair<double, double>> sums_;
};

// Whether 90 % intervals hold 90 %: by expert and skill found, the mean score over the rows, which
// varies by itself, against the mean expectation and the mean width of its interval.
class Coverage {
 public:
  // `fold`: rows learnt from stand in the way of comparing across folds.
  void Add(std::size_t fold, const std::string& expert, const std::string& skill,
           const Candidate& said, double was) {
    auto& group = groups_[std::to_string(fold) + expert + "\n" + skill];
    group[0] += 1, group[1] += static_cast<double>(said.expected), group[2] += was;
    group[3] += static_cast<double>(said.high - said.low) / 2;
  }
  double Share() const {
    double held = 0;
    double count = 0;
    for (const auto& [key, group] : groups_) {
      if (group[0] < 20) continue;
      const double mean = group[2] / group[0];
      const double noise = mean * (1 - mean) / group[0];
      const double width = std::hypot(group[3] / group[0], 1.645 * std::sqrt(noise));
      held += std::fabs(group[1] / group[0] - mean) <= width;
      count += 1;
    }
    return held / std::max(count, 1.0);
  }

 private:
  std::map<std::string, std::array<double, 4>> groups_;
};

}  // namespace moerge
