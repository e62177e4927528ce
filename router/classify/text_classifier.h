// What all classifiers that read features have in common: the bounded window, the features, and how
// probabilities become a demand. Immutable once made; any thread may classify.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "router/classifier.h"
#include "router/features/text_features.h"

namespace moerge {

class TextClassifier : public Classifier {
 public:
  Demand Classify(const RequestText& text) const final;
  // The same with the features at hand. `features` must come from `window`.
  Demand Infer(const Window& window, std::span<const Feature> features) const;

 protected:
  // `skills` ascending by name: that breaks ties.
  explicit TextClassifier(const std::vector<std::string>& skills);

  // Probabilities in the order of the skills, summing to 1. False: it cannot tell, and the demand
  // is even.
  virtual bool Probabilities(std::span<const Feature> features, std::vector<float>* out) const = 0;
  std::size_t skill_count() const { return skills_.size(); }

 private:
  std::vector<SkillId> skills_;
};

// A demand that says nothing: every skill as probable as the others, confidence 0.
std::shared_ptr<const TextClassifier> MakeEvenClassifier(std::string_view name,
                                                         const std::vector<std::string>& skills);

}  // namespace moerge
