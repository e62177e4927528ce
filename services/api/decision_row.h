// A kept decision as lists and watchers see it: its columns. Thread-safe, pure.
#pragma once

#include "config/base/json.h"
#include "registry/decision_log.h"

namespace moerge::api {

// After the point, wherever the API says US dollars, or milliseconds that were measured.
inline constexpr int kUsdDigits = 9;
inline constexpr int kMsDigits = 3;

void WriteDecisionRow(const DecisionRecord& record, json::Writer& writer);

}  // namespace moerge::api
