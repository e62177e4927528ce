// Which client calls, by its key or by a session that a key has begun, and what it may do.
// Thread-safe.
#pragma once

#include <string_view>

#include "config/base/result.h"
#include "registry/snapshot.h"
#include "services/access/sessions.h"
#include "services/api/routes.h"

namespace moerge::api {

// The key that a request's Authorization header carries, or null when access is open: no key is
// configured, or the route needs none. A key is looked up by its SHA-256 and compared in time that
// does not depend on its content. A request may come with a session in place of a key: then with
// the session's token too where it changes something (page_session.h). Errors: kUnauthorized (no
// key, not one of ours, an expired one), kForbidden (its role does not go with the route).
Result<const ApiKey*> CheckAccess(const Snapshot& snapshot, const http::Request& request,
                                  Access needed, Sessions& sessions);

// The key of this text if it may be used at all. Errors: kUnauthorized.
Result<const ApiKey*> FindUsableKey(const Snapshot& snapshot, std::string_view text);
// The key of whoever sends the request, by whatever way. REQUIRES: there are keys. Errors:
// kUnauthorized; `reason` is "session_ended" if its session has.
Result<const ApiKey*> FindCaller(const Snapshot& snapshot, const http::Request& request,
                                 Sessions& sessions);

}  // namespace moerge::api
