#include "router/classify/mean_scores.h"

#include <algorithm>
#include <cmath>

namespace moerge {

std::vector<float> MeanScores(const TrainingSet& set, const std::vector<std::uint32_t>& experts) {
  std::vector<float> means;
  for (const std::uint32_t e : experts) {
    double sum = 0;
    double count = 0;
    for (std::size_t i = e; i < set.scores.size(); i += set.experts.size()) {
      if (std::isnan(set.scores[i])) continue;
      sum += static_cast<double>(set.scores[i]);
      count += 1;
    }
    means.push_back(static_cast<float>(sum / std::max(count, 1.0)));
  }
  return means;
}

}  // namespace moerge
