// The body of a request as its handler reads it. Threads: the call's event loop.
#pragma once

#include <string>

#include "config/base/result.h"
#include "services/api/context.h"
#include "services/api/routes.h"

namespace moerge::api {

// Takes the body, decompressed if the client has compressed it (gzip or deflate), which may not
// make it longer than `server.max_body_bytes`. Errors: kInvalid with status 415 for another coding,
// which it names; kInvalid for a damaged body; kTooLarge; kOverloaded if
// there is no room for it beside the bodies of other requests.
Result<std::string> TakeDecodedBody(const ApiContext& context, ApiCall& call);

}  // namespace moerge::api
