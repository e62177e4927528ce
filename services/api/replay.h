// Routes the request of a kept decision again, with the experts and classifiers in force now.
// Signals gathered then are read again: no expert is called and nothing is kept. Threads:
// the context's event loop.
#pragma once

#include <string>
#include <string_view>

#include "config/base/result.h"
#include "services/api/context.h"

namespace moerge::api {

// `kept` is a decision as AppendDecision wrote it. Gives {"decision": id, "same_expert": ...,
// "then": {...}, "now": {...}}, the two in AppendDecision's shape.
// Errors: kConflict when the decision was kept without its text; kNotFound when its policy or
// expert is gone; kInternal for a damaged record.
Result<std::string> ReplayDecision(ApiContext& context, std::string_view kept);

}  // namespace moerge::api
