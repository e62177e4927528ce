// What the operator has every request to a backend carry: headers, and parameters of its addresses.
// `${NAME}` in a value is an environment variable, read for each request. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/http_client.h"
#include "config/base/secret.h"
#include "config/entities.h"

namespace moerge {

// Unless the request has one of this name.
void AddHeader(OutboundRequest* request, std::string_view name, std::string value);

// The backend's own, which stand in place of moerge's that are added later. One whose variable is
// not set is left out, as said at the start (config/backend_notes.h).
void AddBackendHeaders(const Backend& backend, OutboundRequest* request);

// With the backend's parameters behind it, but for those whose variable is not set.
std::string WithQuery(const Backend& backend, std::string url);

// Values of headers and parameters that hold a variable, and the variables' own: keys, mostly.
std::vector<Secret> SentSecrets(const Backend& backend);

}  // namespace moerge
