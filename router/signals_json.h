// What routing was told from outside, as JSON in a decision, and back for its replay and for
// `moerge eval`. services/api/README.md lists the fields. Pure; any thread.
#pragma once

#include <memory>
#include <string>

#include "config/base/json.h"
#include "router/signals.h"

namespace moerge {

// One object. Without `keep_text` what the text could be guessed from is left out: the embedding
// and the keywords. `kept_session`: Decision::kept_session.
void AppendSignals(const Signals& signals, bool keep_text, bool kept_session, std::string* out);

// Null for what is no object. A bid without a `z` has 0.
std::shared_ptr<Signals> ReadSignals(json::Value value);

}  // namespace moerge
