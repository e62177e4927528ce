// Whether everything that a policy names exists in this binary: classifier, recruiter, options,
// aggregator. Thread-safe, pure. Error: kInvalid with `param`; the message lists what there is.
#pragma once

#include "config/base/result.h"
#include "config/config.h"
#include "registry/snapshot.h"

namespace moerge {

// `skills`: names of those that there are; null: options that name skills are not checked.
Status CheckPolicyNames(const Policy& policy, const std::vector<std::string>* skills = nullptr);
// For a file whose policies are checked against a table's skills once that is read.
Status CheckTablePolicy(const Policy& policy, const Config* config);
// Against the skills that a configuration file declares and those that ship.
Status CheckDeclaredPolicy(const Policy& policy, const Config* config);
// Against a registry's skills.
Status CheckPolicyIn(const Snapshot& snapshot, const Policy& policy);

}  // namespace moerge
