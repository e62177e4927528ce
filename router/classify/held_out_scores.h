// Scores of training rows by models that have not seen them, and what makes such scores honest.
// Shared by the classifiers that are no linear models trained by gradients. Pure.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <vector>

#include "router/learn/calibration.h"
#include "router/learn/training_set.h"

namespace moerge {

// The scores of one document, by skill.
using DocumentScorer = std::function<void(std::uint32_t document, std::vector<float>* scores)>;
// A scorer learnt from these documents alone; it may keep views into the set.
using ScorerMaker = std::function<DocumentScorer(std::span<const std::uint32_t> members)>;

HeldOut CrossScore(const TrainingSet& set, const std::vector<std::uint32_t>& rows, int folds,
                   const ScorerMaker& make, const std::atomic<bool>* stop);

// Scores of any scale into probabilities that are right as often as they say: one factor on all
// scores (temperature scaling), then a logistic curve on the first one's probability (Platt 1999),
// since a factor alone leaves classifiers that are not probabilistic too timid or too bold at the
// top. The order of skills stays. Trivially copyable: it is cached as it is.
struct Calibration {
  float sharpness = 1;
  float slope = 1;  // of the first one's log odds
  float offset = 0;

  void Apply(std::vector<float>* scores) const;
};
Calibration Calibrate(const HeldOut& held_out);

}  // namespace moerge
