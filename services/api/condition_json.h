// How a backend and its models are doing, as the API shows it. Pure.
#pragma once

#include <string>

#include "adapters/gate.h"

namespace moerge::api {

// {"avoided":true,"reason":"...","for_seconds":3,"resting_ms":0,"in_flight":1,"queued":0,
// "models":[{"model":"...","avoided":true,...}]}; `reason` and `for_seconds` only while it is
// avoided; the models are those that are avoided while the backend is not.
std::string ConditionJson(const Gate::Condition& condition);
// Of the model of one expert: {"avoided":true,"whole_backend":false,"reason":"...","for_seconds":3,
// "resting_ms":0}; `whole_backend`, `reason` and `for_seconds` only while it is avoided.
std::string ConditionJson(const Gate::ModelAvoidance& condition);

}  // namespace moerge::api
