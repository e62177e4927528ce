// A kept decision as lists and watchers see it: its columns. Thread-safe, pure.
#pragma once

#include "config/base/text_buffer.h"
#include "registry/decision_log.h"

namespace moerge::api {

// After the point, wherever the API says US dollars, or milliseconds that were measured.
inline constexpr int kUsdDigits = 9;
inline constexpr int kMsDigits = 3;

// As a JSON object. Written for every request that somebody watches.
void AppendDecisionRow(const DecisionRecord& record, TextBuffer* out);

}  // namespace moerge::api
