#include "router/classify/catalogue.h"

#include <algorithm>

namespace moerge {

const std::vector<ClassifierKind>& ClassifierKinds() {
  static const std::vector<ClassifierKind> kinds = {};
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
  for (const ClassifierKind& kind : ClassifierKinds()) names.emplace_back(kind.name);
  return names;
}

ClassifierOptions OptionsOf(const Policy& policy, std::string_view part) {
  ClassifierOptions options;
  for (const auto& [name, value] : policy.options) {
    if (name.starts_with(part) && name.substr(part.size()).starts_with('.')) {
      options.emplace(name, value);
    }
  }
  return options;
}

std::string ClassifierKey(const Policy& policy) {
  std::string key = policy.classifier;
  for (const auto& [name, value] : OptionsOf(policy, policy.classifier)) {
    key += "\n" + name + "=" + value;
  }
  return key;
}

}  // namespace moerge
