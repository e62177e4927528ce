// What all classifiers that give each skill a probability have in common: how probabilities become
// a demand. Immutable once made; any thread may classify.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "router/classifier.h"

namespace moerge {

class TextClassifier : public Classifier {
 public:
  Demand Classify(const Reading& reading) const final;

 protected:
  // `skills` ascending by name: that breaks ties.
  explicit TextClassifier(const std::vector<std::string>& skills);

  // Probabilities in the order of the skills, summing to 1. False: it cannot tell, and the demand
  // is even. `notes`: what the demand shall say about how it came about.
  virtual bool Probabilities(const Reading& reading, std::vector<float>* out,
                             std::vector<std::string>* notes) const = 0;
  // What it knows about experts beyond skills, for the request whose Probabilities were just asked,
  // whether it could tell them or not.
  virtual void Opinions(const Reading&, Demand*) const {}
  std::size_t skill_count() const { return skills_.size(); }
  // Another classifier's demand in the order of the skills; those it leaves out share what is left.
  // False: it could not tell.
  bool FromDemand(const Demand& demand, std::vector<float>* out) const;

 private:
  std::vector<SkillId> skills_;
  std::unordered_map<SkillId, std::uint32_t> index_;
};

// A demand that says nothing: every skill as probable as the others, confidence 0.
ClassifierPtr MakeUniformClassifier(std::string_view name, const std::vector<std::string>& skills);

}  // namespace moerge
