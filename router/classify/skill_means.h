// The mean tf-idf vector of each skill's examples, scaled to length 1, and how near documents are
// to it: what `centroid` decides by and `gaussian` measures in. Plain values; any thread may read.
#pragma once

#include <span>
#include <vector>

#include "router/learn/linear_model.h"
#include "router/learn/training_set.h"

namespace moerge {

// Four bytes per feature and skill while training: many skills mean fewer features.
class SkillMeans {
 public:
  // From the labelled documents listed in `members`.
  SkillMeans(const TrainingSet& set, std::span<const std::uint32_t> members);

  LinearModel Model() const { return LinearModel(vocabulary_, unit_); }
  // The cosines of one of the members with all means, its own skill's taken without it: what a
  // document never seen would have.
  void WithoutItself(std::uint32_t member, std::vector<float>* out) const;

 private:
  const TrainingSet& set_;
  Vocabulary vocabulary_;
  LinearWeights unit_;
  std::vector<double> lengths_;  // by skill, before scaling
};

}  // namespace moerge
