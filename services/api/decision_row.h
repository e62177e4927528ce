// A kept decision as lists and watchers see it: its columns. Thread-safe, pure.
#pragma once

#include "config/base/json.h"
#include "registry/decision_log.h"

namespace moerge::api {

void WriteDecisionRow(const DecisionRecord& record, json::Writer& writer);

}  // namespace moerge::api
