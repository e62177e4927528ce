// How a backend is doing, as the API shows it. Pure.
#pragma once

#include <string>

#include "adapters/gate.h"

namespace moerge::api {

// {"avoided":true,"reason":"...","for_seconds":3,"resting_ms":0,"in_flight":1,"queued":0}; `reason`
// and `for_seconds` only while it is avoided.
std::string ConditionJson(const Gate::Condition& condition);

}  // namespace moerge::api
