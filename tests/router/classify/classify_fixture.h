// Two small worlds for tests of classifiers: three skills by a few examples each, and made-up texts
// of two subjects with as many rows as wanted.
#pragma once

#include <string>
#include <vector>

#include "config/base/random.h"
#include "router/classify/catalogue.h"
#include "tests/router/router_fixture.h"

namespace moerge {

inline Observation Seen(std::string id, std::string prompt, std::string skill,
                        std::vector<std::pair<std::string, double>> scores = {}) {
  return {std::move(id), std::move(prompt), std::move(skill), "test", std::move(scores)};
}

inline TrainingSet ThreeSkills() {
  TrainingSetBuilder builder;
  builder.AddSkill(MakeSkill("cooking", {"how long do I bake bread", "a recipe for onion soup",
                                         "roast the chicken with garlic", "boil the pasta"}));
  builder.AddSkill(MakeSkill("integrals", {"integrate x squared dx", "the integral of sin x",
                                           "area under the curve", "计算这个函数的积分"}));
  builder.AddSkill(MakeSkill("python", {"def f(x): return x", "import numpy as np",
                                        "python list sort", "for i in range(10): print(i)"}));
  return builder.Build();
}

// A word of subject `s`; one in `blur` comes from the other subject.
inline std::string WordOf(std::size_t s, std::uint64_t blur, Random* random) {
  static const std::vector<std::vector<std::string>> words = {
      {"rook", "bishop", "castle", "pawn", "queen", "board", "endgame", "opening", "mate"},
      {"enzyme", "protein", "membrane", "cell", "gene", "ribosome", "acid", "bond", "tissue"}};
  const auto& from = words[random->Below(blur) == 0 ? 1 - s : s];
  return from[random->Below(from.size())];
}

inline std::string TextOf(std::size_t s, Random* random, std::size_t length = 12) {
  std::string text = "what about";
  for (std::size_t i = 0; i < length; ++i) text += " " + WordOf(s, 3, random);
  return text;
}

// `rows` labelled texts of the skills `biology` and `chess`.
inline TrainingSet TwoSubjects(std::size_t rows, std::uint64_t seed = 1) {
  TrainingSetBuilder builder;
  builder.AddSkill(MakeSkill("biology"));
  builder.AddSkill(MakeSkill("chess"));
  Random random(seed);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t subject = i % 2;
    builder.AddObservation(
        Seen(std::to_string(i), TextOf(subject, &random), subject == 0 ? "chess" : "biology"));
  }
  return builder.Build();
}

inline ClassifierPtr Make(std::string_view kind, const TrainingSet& set,
                          const ClassifierOptions& options = {}) {
  return FindClassifierKind(kind)->train(
      {set, LexicalClassifier::Train(set), options, nullptr, nullptr});
}

inline Demand Ask(const Classifier& classifier, std::string_view prompt) {
  RequestText text;
  text.user = prompt;
  return DemandOf(classifier, text);
}

inline std::string TopOf(const Demand& demand) {
  return demand.skills.empty() ? "" : std::string(NameOf(demand.skills.front().skill));
}

inline std::string AllNotes(const Demand& demand) {
  std::string all;
  for (const std::string& note : demand.notes) all += note + "\n";
  return all;
}

}  // namespace moerge
