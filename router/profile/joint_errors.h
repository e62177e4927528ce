// Which experts fail together: the correlation of two experts' errors on the same requests, beyond
// what their skills explain. A second opinion that errs with the first adds little. Learnt from
// observations with scores; a pair's number depends on the scores of those two alone, so that
// adding or removing another expert changes nothing. Immutable; any thread may ask.
//
// An error is the score less what the demand (out of fold) leads to expect; correlations are shrunk
// toward 0 as if kShrink uncorrelated requests had been seen as well.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "registry/ids.h"
#include "router/learn/documents.h"
#include "router/learn/training_set.h"

namespace moerge {

class JointErrors {
 public:
  static constexpr std::size_t kMinScores = 30;   // an expert needs this many
  static constexpr std::size_t kMaxExperts = 64;  // the most scored ones are kept
  static constexpr double kShrink = 30;

  // `demand`: by document, out-of-fold probabilities by index of the skill. Null if fewer than two
  // experts have enough scores, or stopped.
  static std::shared_ptr<const JointErrors> Train(const TrainingSet& set, const SparseRows& demand,
                                                  const std::atomic<bool>* stop = nullptr);
  // What Bytes() gave; null if it is damaged.
  static std::shared_ptr<const JointErrors> Restore(std::string_view bytes);
  std::string Bytes() const;

  const std::vector<ExpertId>& experts() const { return experts_; }
  // Of the errors of experts()[a] and experts()[b], -1..1.
  float Correlation(std::size_t a, std::size_t b) const {
    return correlations_[a * experts_.size() + b];
  }

 private:
  void Name(std::vector<std::string> experts);

  std::vector<std::string> names_;
  std::vector<ExpertId> experts_;
  std::vector<float> correlations_;  // experts x experts
};

}  // namespace moerge
