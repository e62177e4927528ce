// Asks a backend which models it has. Threads: the client's event loop.
#pragma once

#include <string>
#include <vector>

#include "adapters/http_client.h"
#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

// What its protocol's list of models says, sorted, at most `most`. The backend's key, headers and
// parameters go along; nothing but names comes back. `backend` outlives the call. Errors: of the
// client and of statuses that are not 2xx, without the key; kUpstream, something else than a list.
Task<Result<std::vector<std::string>>> FetchModelNames(HttpClient& http, const Backend& backend,
                                                       CallScope scope, std::size_t most);

}  // namespace moerge
