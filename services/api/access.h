// API keys: which client calls, and what it may do. Thread-safe, pure.
#pragma once

#include <string_view>

#include "config/base/result.h"
#include "registry/snapshot.h"
#include "services/api/routes.h"

namespace moerge::api {

// The key that an Authorization header carries, or null when access is open: no key is configured,
// or the route needs none. Keys are compared by SHA-256, in time that does not depend on their
// content. Errors: kUnauthorized (no key, not one of ours), kForbidden (an inference key on an
// admin route).
Result<const ApiKey*> CheckAccess(const Snapshot& snapshot, std::string_view authorization,
                                  Access needed);

}  // namespace moerge::api
