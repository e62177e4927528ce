// What a configuration declares to the registry: the built-in experts and skills, then the file's.
// Thread-safe; reads the environment and key files.
#pragma once

#include "config/base/result.h"
#include "config/config.h"
#include "registry/decision_log.h"
#include "registry/registry.h"
#include "services/pipeline/tool_set.h"

namespace moerge {

// Errors: kInvalid, a key whose environment variable or file is missing or empty.
Result<DeclaredState> Declare(const Config& config, const ToolSet& tools);

// Options for a store as configured.
DecisionRetention RetentionOf(const Config& config);

}  // namespace moerge
