// Servers that have moved: a framework that wants a slash at the end, a proxy with a new path.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/http_client.h"

namespace moerge {

// Sends the request; where the server answers 307 or 308 and names another path of its own, once
// more, there. A key is never sent to another server, and no POST becomes a GET. As
// HttpClient::Send otherwise.
Task<Result<std::unique_ptr<InboundResponse>>> SendFollowing(HttpClient& http,
                                                             const OutboundRequest& request,
                                                             const CallScope& scope);

// The URL that `location`, as it stands in a reply to `url`, names on the same server; empty: it
// names another server, or nothing. Pure.
std::string SameServer(const std::string& url, std::string_view location);

}  // namespace moerge
