// What a policy's options refer to: the value of an option whose name ends in ".backend" or
// ".expert" is the name of one; but for `rules.*`, which are named after skills. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "config/entities.h"

namespace moerge {

struct PolicyReference {
  std::string_view option;  // views into the policy
  std::string_view name;
  bool backend = false;  // false: an expert
};

inline std::vector<PolicyReference> ReferencesOf(const Policy& policy) {
  std::vector<PolicyReference> references;
  for (const auto& [option, name] : policy.options) {
    if (option.starts_with("rules.")) continue;
    const bool backend = option.ends_with(".backend");
    if (backend || option.ends_with(".expert")) references.push_back({option, name, backend});
  }
  return references;
}

}  // namespace moerge
