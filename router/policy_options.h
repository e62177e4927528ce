// The options that policies may set, each with its type, range and default: one table, which
// CheckPolicy holds policies against and from which values are read. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

enum class OptionType { kNumber, kInteger, kFlag, kChoice, kText };

struct PolicyOption {
  std::string_view name;  // dotted: the part it belongs to comes first; "rules.*": any such name
  OptionType type;
  double least;  // kNumber, kInteger
  double most;
  std::string_view fallback;  // the value when it is not set, as it would be written
  std::string_view choices;   // kChoice: separated by blanks
  std::string_view help;
};

std::span<const PolicyOption> PolicyOptions();  // by name

// Error: kInvalid; names the option, what is allowed, and a near name; `param` "options.NAME".
Status CheckOption(std::string_view name, std::string_view value);

// Whether an option that is named after a skill behind its dot ("rules.algebra") names one of
// `skills`. Error: kInvalid, with a near name; `param` "options.NAME".
Status CheckSkillOption(std::string_view name, const std::vector<std::string>& skills);

// The value, or its default. REQUIRES: the table has `name`, and the policy was checked.
double NumberOption(const Policy& policy, std::string_view name);
bool FlagOption(const Policy& policy, std::string_view name);
std::string TextOption(const Policy& policy, std::string_view name);

}  // namespace moerge
