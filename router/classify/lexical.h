// `lexical`, the default: linear support vector machines over hashed words, character n-grams and
// the shape of the text, their scores mixed into calibrated probabilities. About 15 microseconds
// for a prompt of 100 words. Immutable; any thread may classify.
//
// Skills are learnt at two levels: their categories have machines of their own, and a skill's score
// is its own and a fifth of its category's. Both are linear, so that training adds the weights of
// one to the other's, and a decision costs what it would without. A category's probability is the
// sum of its skills' (category_demand.h). On the shipped examples (57 skills, 15 categories; five
// folds): right skill 45.3 -> 45.9 %, category of the first skill 60.0 -> 61.3 %, log loss 2.44 ->
// 2.37. Also tried, each with its scores calibrated by factors alone: P(category) P(skill |
// category), 44.7 % against 45.5 % flat; its even mixture with the flat one, 46.5 %, and adding the
// scores, 46.6 %, of which the first takes a second model at every decision.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/classify/confusion.h"
#include "router/classify/text_classifier.h"
#include "router/learn/linear_model.h"
#include "router/learn/score_mixing.h"
#include "router/learn/shape_model.h"
#include "router/learn/training_set.h"

namespace moerge {

class LexicalClassifier final : public TextClassifier {
 public:
  // Deterministic. Null when `stop` turned true on the way. `demand`, if given, gets a row per
  // document of the set: the most probable skills (by index) according to a model that has not seen
  // it.
  static std::shared_ptr<const LexicalClassifier> Train(const TrainingSet& set,
                                                        const std::atomic<bool>* stop = nullptr,
                                                        SparseRows* demand = nullptr);
  // What Bytes() gave; null if it is damaged.
  static std::shared_ptr<const LexicalClassifier> Restore(std::string_view bytes);
  std::string Bytes() const override;

  std::string_view name() const override { return "lexical"; }
  // Measured on held-out folds of the training rows.
  const Quality& quality() const { return quality_; }
  // On the same folds.
  Confusion confusion() const { return {names_, confusion_}; }
  std::size_t resident_bytes() const { return words_.bytes(); }

 private:
  // The most probable skills of each document: held out where it was trained on.
  void CrossDemand(const TrainingSet& set, std::vector<float> held_out,
                   const std::vector<std::uint32_t>& members, SparseRows* demand) const;

  LexicalClassifier(std::vector<std::string> skills, LinearModel words, ShapeModel shape,
                    ScoreMixing mixing, const Quality& quality,
                    std::vector<ConfusionCount> confusion);
  bool Probabilities(const Reading& reading, std::vector<float>* out,
                     std::vector<std::string>*) const override {
    return Score(reading.features(), reading.shape(), out);
  }
  bool Score(std::span<const Feature> features, const ShapeFeatures& shape,
             std::vector<float>* out) const;

  std::vector<std::string> names_;
  LinearModel words_;
  ShapeModel shape_;
  ScoreMixing mixing_;
  Quality quality_;
  std::vector<ConfusionCount> confusion_;
};

}  // namespace moerge
