// Which environment variables a backend that comes over the API may name. A server's environment
// holds more than keys of experts, and what a backend names is sent to wherever that backend is.
// Thread-safe, pure.
#pragma once

#include "config/base/result.h"
#include "config/config.h"

namespace moerge::api {

// Allowed are the variables that backends of the file name, those of `server.allowed_env`, and what
// the stored backend `before` (null: none) names already while its address stays. Errors: kInvalid
// with param `api_key_env` or `headers`.
Status CheckNameable(const Config& config, const Backend* before, const Backend& backend);

}  // namespace moerge::api
