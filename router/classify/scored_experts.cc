#include "router/classify/scored_experts.h"

#include <algorithm>
#include <cmath>

namespace moerge {
namespace {

struct Tally {
  std::uint32_t expert = 0;
  std::size_t count = 0;
  double sum = 0;
};

std::vector<Tally> Tallies(const TrainingSet& set) {
  std::vector<Tally> tallies(set.experts.size());
  for (std::size_t i = 0; i < set.scores.size(); ++i) {
    if (std::isnan(set.scores[i])) continue;
    Tally& tally = tallies[i % tallies.size()];
    ++tally.count;
    tally.sum += static_cast<double>(set.scores[i]);
  }
  for (std::uint32_t e = 0; e < tallies.size(); ++e) tallies[e].expert = e;
  return tallies;
}

}  // namespace

std::vector<std::uint32_t> ScoredExperts(const TrainingSet& set, std::size_t least,
                                         std::size_t most) {
  std::vector<Tally> tallies = Tallies(set);
  std::erase_if(tallies, [&](const Tally& tally) { return tally.count < least; });
  std::stable_sort(tallies.begin(), tallies.end(),
                   [](const Tally& a, const Tally& b) { return a.count > b.count; });
  if (tallies.size() > most) tallies.resize(most);
  std::vector<std::uint32_t> experts;
  for (const Tally& tally : tallies) experts.push_back(tally.expert);
  std::sort(experts.begin(), experts.end());
  return experts;
}

std::vector<float> MeanScores(const TrainingSet& set, const std::vector<std::uint32_t>& experts) {
  const std::vector<Tally> tallies = Tallies(set);
  std::vector<float> means;
  for (const std::uint32_t e : experts) {
    const auto count = static_cast<double>(std::max<std::size_t>(tallies[e].count, 1));
    means.push_back(static_cast<float>(tallies[e].sum / count));
  }
  return means;
}

}  // namespace moerge
