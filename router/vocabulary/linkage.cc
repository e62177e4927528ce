#include "router/vocabulary/linkage.h"

#include <algorithm>
#include <numeric>

namespace moerge {
namespace {

// Clusters are known by their first item; a merged one lives on as the smaller of the two.
class Merger {
 public:
  Merger(const SimilarityMatrix& similarity, const std::vector<double>& weights)
      : similarity_(similarity), weights_(weights), of_(weights.size()), nearest_(weights.size()) {
    std::iota(of_.begin(), of_.end(), std::size_t{0});
    for (std::size_t i = 0; i < of_.size(); ++i) FindNearest(i);
  }

  void Run(double merge_at, std::size_t most) {
    for (std::size_t left = of_.size(); left > 1; --left) {
      const std::size_t best = Best();
      const std::size_t other = nearest_[best];
      if (similarity_.At(best, other) < merge_at && left <= most) return;
      Join(std::min(best, other), std::max(best, other));
    }
  }

  // Every item's cluster.
  std::size_t Root(std::size_t item) const {
    while (of_[item] != item) item = of_[item];
    return item;
  }

 private:
  bool Alive(std::size_t cluster) const { return of_[cluster] == cluster; }

  void FindNearest(std::size_t cluster) {
    nearest_[cluster] = cluster;
    double best = -1;
    for (std::size_t other = 0; other < of_.size(); ++other) {
      if (other == cluster || !Alive(other) || similarity_.At(cluster, other) <= best) continue;
      best = similarity_.At(cluster, other);
      nearest_[cluster] = other;
    }
  }

  std::size_t Best() const {
    std::size_t best = of_.size();
    for (std::size_t i = 0; i < of_.size(); ++i) {
      if (!Alive(i) || nearest_[i] == i) continue;
      if (best == of_.size() ||
          similarity_.At(i, nearest_[i]) > similarity_.At(best, nearest_[best])) {
        best = i;
      }
    }
    return best;
  }

  void Join(std::size_t keep, std::size_t drop) {
    const double whole = weights_[keep] + weights_[drop];
    of_[drop] = keep;
    for (std::size_t other = 0; other < of_.size(); ++other) {
      if (!Alive(other) || other == keep) continue;
      similarity_.Set(keep, other,
                      (weights_[keep] * similarity_.At(keep, other) +
                       weights_[drop] * similarity_.At(drop, other)) /
                          whole);
    }
    weights_[keep] = whole;
    for (std::size_t i = 0; i < of_.size(); ++i) {
      if (Alive(i) && (i == keep || nearest_[i] == keep || nearest_[i] == drop)) FindNearest(i);
    }
  }

  SimilarityMatrix similarity_;
  std::vector<double> weights_;
  std::vector<std::size_t> of_;
  std::vector<std::size_t> nearest_;  // by living cluster; itself: it is alone
};

}  // namespace

Clusters MergeSimilar(const SimilarityMatrix& similarity, const std::vector<double>& weights,
                      double merge_at, std::size_t most) {
  Merger merger(similarity, weights);
  merger.Run(merge_at, std::max<std::size_t>(most, 1));
  Clusters clusters;
  std::vector<std::size_t> number(weights.size(), weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    std::size_t& own = number[merger.Root(i)];
    if (own == weights.size()) own = clusters.count++;
    clusters.of.push_back(own);
  }
  return clusters;
}

}  // namespace moerge
