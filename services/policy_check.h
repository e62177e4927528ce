// Whether everything that a policy names exists in this binary: classifier, recruiter, options,
// aggregator. Thread-safe, pure. Error: kInvalid with `param`; the message lists what there is.
#pragma once

#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

Status CheckPolicyNames(const Policy& policy);

}  // namespace moerge
