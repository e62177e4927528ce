// A kept decision as lists and watchers see it: its columns. Thread-safe, pure.
#pragma once

#include "config/base/json.h"
#include "registry/decision_log.h"

namespace moerge::api {

inline constexpr int kUsdDigits = 9;  // after the point, wherever the API says US dollars

void WriteDecisionRow(const DecisionRecord& record, json::Writer& writer);

}  // namespace moerge::api
