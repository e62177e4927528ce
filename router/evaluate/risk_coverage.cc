#include "router/evaluate/risk_coverage.h"

#include <algorithm>

namespace moerge {
namespace {

// Each score becomes the mean of those with its confidence.
void EvenOut(std::vector<std::pair<double, double>>* sorted) {
  for (auto group = sorted->begin(); group != sorted->end();) {
    double sum = 0;
    auto end = group;
    for (; end != sorted->end() && end->first == group->first; ++end) sum += end->second;
    const double mean = sum / static_cast<double>(end - group);
    for (; group != end; ++group) group->second = mean;
  }
}

}  // namespace

RiskCoverage MeasureRiskCoverage(std::vector<std::pair<double, double>> pairs) {
  RiskCoverage result;
  result.rows = pairs.size();
  if (pairs.empty()) return result;
  std::sort(pairs.begin(), pairs.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  EvenOut(&pairs);
  const auto rows = static_cast<double>(pairs.size());
  double right = 0, risks = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    right += pairs[i].second;
    const auto answered = static_cast<double>(i + 1);
    risks += 1 - right / answered;
    while (next < kCoverages.size() && answered >= kCoverages[next] * rows) {
      result.accuracy[next++] = right / answered;
    }
  }
  result.aurc = risks / rows;
  return result;
}

}  // namespace moerge
