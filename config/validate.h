// Whether one configured thing makes sense by itself: names, ranges, addresses. The configuration
// file and the API use the same checks, so a mistake reads the same in both. Thread-safe, pure.
// Errors: kInvalid; `param` is the field, `message` says what is allowed there.
#pragma once

#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

Status Validate(const Backend& backend);
Status Validate(const Expert& expert);
Status Validate(const Skill& skill);
Status Validate(const Policy& policy);

}  // namespace moerge
