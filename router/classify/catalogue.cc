#include "router/classify/catalogue.h"

#include <algorithm>

#include "config/policy_options.h"
#include "router/classify/centroid.h"
#include "router/classify/gate.h"
#include "router/classify/gaussian.h"
#include "router/classify/nearest.h"
#include "router/classify/rules.h"
#include "router/classify/tree.h"
#include "router/signals.h"

namespace moerge {

const std::vector<ClassifierKind>& ClassifierKinds() {
  static const std::vector<ClassifierKind> kinds = {
      {"knn", "votes of the most similar stored prompts", TrainNearest, RestoreNearest, nullptr},
      {"centroid", "nearest mean vector of a skill", TrainCentroid, RestoreCentroid, nullptr},
      {"gate", "each expert's own gate", TrainGates, RestoreGates, nullptr},
      {"tree", "regions of expertise", TrainTree, RestoreTree, nullptr},
      {"rules", "keywords and regular expressions, first or as a prior", TrainRules, nullptr,
       CheckRules},
      {"gaussian", "normal densities with one covariance", TrainGaussian, RestoreGaussian, nullptr},
  };
  return kinds;
}

const ClassifierKind* FindClassifierKind(std::string_view name) {
  const auto& kinds = ClassifierKinds();
  const auto at = std::find_if(kinds.begin(), kinds.end(),
                               [&](const ClassifierKind& kind) { return kind.name == name; });
  return at == kinds.end() ? nullptr : &*at;
}

std::vector<std::string> ClassifierNames() {
  std::vector<std::string> names = {"lexical", "none"};
  names.insert(names.end(), SignalClassifierNames().begin(), SignalClassifierNames().end());
  for (const ClassifierKind& kind : ClassifierKinds()) names.emplace_back(kind.name);
  return names;
}

ClassifierOptions OptionsOf(const Policy& policy, std::string_view part) {
  PolicyOptions::Words own;
  for (const auto& [name, value] : policy.options) {
    if (name.starts_with(part) && name.substr(part.size()).starts_with('.')) {
      own.emplace(name, value);
    }
  }
  return own;
}

std::string ClassifierKey(const Policy& policy) {
  std::string key = policy.classifier;
  for (const auto& [name, value] : OptionsOf(policy, policy.classifier)) {
    key += "\n" + name + "=" + value;
  }
  return key;
}

}  // namespace moerge
