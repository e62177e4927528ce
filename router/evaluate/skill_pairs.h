// Questions that need two skills at once, categories "a+b": is an expert's success there the
// product of its successes at a and at b, as for skills that must both work (Shah et al. 2024,
// "AI-Assisted Generation of Difficult Math Questions", MATH^2), or nearer their mean? Pure.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "router/evaluate/baselines.h"

namespace moerge {

struct SkillPairReport {
  std::size_t questions = 0;
  std::size_t pairs = 0;
  // Mean distance of predicted and observed means of an expert on a pair, weighted by questions.
  double product_error = 0;
  double mean_error = 0;
};

class SkillPairs {
 public:
  // Predicts the pairs of the test side from the single categories of training. Pairs with a half
  // that training had not by itself are left out.
  void Add(const Questions& questions, Sides sides);
  SkillPairReport Report() const;

 private:
  struct Cell {
    double count = 0;
    double product = 0;
    double mean = 0;
    double observed = 0;
  };
  std::map<std::pair<std::string, std::uint32_t>, Cell> cells_;  // by category and expert
  std::map<std::string, std::size_t> questions_;                 // by category
};

}  // namespace moerge
