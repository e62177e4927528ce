// The classifiers there are, by the name that a policy's `classifier` gives: how each is trained
// and what it needs. A new one is a row in the table of catalogue.cc. Pure; any thread.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "config/entities.h"
#include "router/classify/lexical.h"
#include "router/learn/training_set.h"

namespace moerge {

// What a policy sets of one classifier: "knn.k".
using ClassifierOptions = PolicyOptions;

struct ClassifierTask {
  const TrainingSet& set;
  std::shared_ptr<const LexicalClassifier> lexical;  // trained on the same set
  const ClassifierOptions& options;                  // of this kind alone, checked
  // By document, what a lexical classifier that has not seen it says; null: not at hand.
  const SparseRows* demand = nullptr;
  const std::atomic<bool>* stop = nullptr;  // training gives up when it turns true
};

struct ClassifierKind {
  std::string_view name;
  std::string_view summary;
  // Null: stopped on the way. Deterministic.
  ClassifierPtr (*train)(const ClassifierTask& task);
  // From Bytes(); null: damaged. Null pointer: this kind is never cached.
  ClassifierPtr (*restore)(std::string_view bytes, const ClassifierTask& task);
  // What is wrong with its options beyond what the table of options says; may be null. `skills`:
  // the names of those that there are, null where that is not known.
  Status (*check)(const ClassifierOptions& options, const std::vector<std::string>* skills);
};

// All but `lexical` and `none`, which are always there.
const std::vector<ClassifierKind>& ClassifierKinds();
const ClassifierKind* FindClassifierKind(std::string_view name);
std::vector<std::string> ClassifierNames();

// Tells apart what policies want: the name, and the options that are its own.
std::string ClassifierKey(const Policy& policy);
ClassifierOptions OptionsOf(const Policy& policy, std::string_view part);

}  // namespace moerge
