#include "router/evaluate/reliability.h"

#include <algorithm>
#include <cmath>

namespace moerge {

Reliability MeasureReliability(const std::vector<std::pair<double, double>>& pairs,
                               std::size_t bins) {
  Reliability result;
  result.rows = pairs.size();
  result.bins.resize(bins);
  if (pairs.empty()) return result;
  for (const auto& [predicted, happened] : pairs) {
    const double at = std::clamp(predicted, 0.0, 1.0) * static_cast<double>(bins);
    ReliabilityBin& bin = result.bins[std::min(static_cast<std::size_t>(at), bins - 1)];
    ++bin.rows;
    bin.predicted += predicted;
    bin.happened += happened;
    result.brier += (predicted - happened) * (predicted - happened);
  }
  const auto rows = static_cast<double>(pairs.size());
  result.brier /= rows;
  for (ReliabilityBin& bin : result.bins) {
    if (bin.rows == 0) continue;
    result.error += std::fabs(bin.predicted - bin.happened) / rows;
    bin.predicted /= static_cast<double>(bin.rows);
    bin.happened /= static_cast<double>(bin.rows);
  }
  return result;
}

}  // namespace moerge
