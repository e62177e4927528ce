// What a request's own text says about each expert, beyond its skills: a ridge regression per
// expert of its recorded scores on the text's words, its shape and the demand. Learnt from
// observations with scores; an expert's numbers depend on its own scores alone. Immutable; any
// thread may predict.
//
// The demand it learns from is out of fold, as it will be for requests never seen; that also
// shrinks skills that are hard to tell. Small sets shrink by a fixed penalty.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "router/demand.h"
#include "router/learn/linear_model.h"
#include "router/learn/shape_model.h"
#include "router/learn/training_set.h"

namespace moerge {

class InstanceModel {
 public:
  // An expert needs this many scores; the most scored ones are kept.
  static constexpr std::size_t kMinScores = 50;
  static constexpr std::size_t kMaxExperts = 64;

  // `demand`: by document, out-of-fold probabilities by index of the skill. Null if there are too
  // few scores, or stopped.
  static std::shared_ptr<const InstanceModel> Train(const TrainingSet& set,
                                                    const SparseRows& demand,
                                                    const std::atomic<bool>* stop = nullptr);
  // What Bytes() gave; null if it is damaged.
  static std::shared_ptr<const InstanceModel> Restore(std::string_view bytes);
  std::string Bytes() const;

  const std::vector<ExpertId>& experts() const { return experts_; }
  std::size_t rows() const { return rows_; }
  // How much it counts against the profile, 0..1: more rows, more trust; never more than half
  // against a profile that distinguishes skills. Cross-validated on MMLU-Pro any share from 0.3 to
  // 1 routes equally well, and with less of it fewer decisions change with a mistyped letter.
  float weight() const {
    const float trust = static_cast<float>(rows_) / (static_cast<float>(rows_) + 1000.0f);
    return skills_.size() > 1 ? 0.5f * trust : trust;
  }

  // The expected score of each of experts(), in 0.01..0.99.
  void Predict(std::span<const Feature> features, const ShapeFeatures& shape,
               std::span<const SkillProbability> demand, std::vector<float>* out) const;

 private:
  void Name(std::vector<std::string> experts, std::vector<std::string> skills);

  std::size_t rows_ = 0;
  std::vector<std::string> expert_names_;
  std::vector<std::string> skill_names_;
  std::vector<ExpertId> experts_;
  std::vector<SkillId> skills_;
  LinearModel text_;
  ShapeModel shape_;
  std::vector<float> by_skill_;  // by skill, then expert
  std::vector<float> means_;     // by expert
};

}  // namespace moerge
