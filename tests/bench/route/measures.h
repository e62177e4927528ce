// What bench_quality counts: means, calibration, coverage, gap recovered. One thread per object.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

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

// Expected calibration error over 15 bins.
class Reliability {
 public:
  void Add(double said, double was) {
    auto& bin = bins_[std::clamp(static_cast<int>(said * 15), 0, 14)];
    bin[0] += 1, bin[1] += said, bin[2] += was;
    count_ += 1;
  }
  double Error() const {
    double error = 0;
    for (const auto& bin : bins_) error += std::fabs(bin[1] - bin[2]);
    return error / std::max(count_, 1.0);
  }

 private:
  double bins_[15][3] = {};
  double count_ = 0;
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

struct PairQuestion {
  double preference;  // for the strong expert
  double strong, weak;
};

// Average gap recovered over all shares of strong calls, and the shares that recover half and 80 %.
inline void GapRecovered(std::vector<PairQuestion> questions, const std::string& by, Tally* tally) {
  std::stable_sort(questions.begin(), questions.end(),
                   [](const auto& a, const auto& b) { return a.preference > b.preference; });
  double gap = 0;
  for (const PairQuestion& each : questions) gap += each.strong - each.weak;
  const auto count = static_cast<double>(questions.size());
  double recovered = 0;
  double area = 0;
  double half = 1;
  double four_fifths = 1;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const double before = recovered;
    recovered += (questions[i].strong - questions[i].weak) / gap;
    area += (before + recovered) / 2 / count;
    const double share = static_cast<double>(i + 1) / count;
    if (recovered >= 0.5) half = std::min(half, share);
    if (recovered >= 0.8) four_fifths = std::min(four_fifths, share);
  }
  tally->Add("APGR by " + by, area);
  tally->Add("CPT50 by " + by, half);
  tally->Add("CPT80 by " + by, four_fifths);
}

}  // namespace moerge
