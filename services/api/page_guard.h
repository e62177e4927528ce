// Protection against web pages. A browser carries the requests of any page that it shows, also to
// servers that only its own machine reaches. Where keys are configured, no page has one. Where
// none are, the origin that a browser reports for a request, and the host name it called,
// distinguish pages from programs.
//
// Thread-safe, pure.
#pragma once

#include <string_view>

#include "config/base/result.h"
#include "config/config.h"
#include "services/http/exchange.h"

namespace moerge::api {

// Whether `authority`, a host with or without port, is a name of this machine that no name server
// elsewhere can give to another: localhost, *.localhost, 127.0.0.0/8, [::1].
bool IsLoopbackAuthority(std::string_view authority);

// Whether pages of `origin` may call: `server.allow_origins` holds it, or "*" while `keyed`.
bool IsAllowedOrigin(const ServerConfig& config, std::string_view origin, bool keyed);

// For a server without keys. Errors, kForbidden with `reason` and a text that says what to do:
// "host_not_allowed" (the request calls a name that is not this machine's: a page that had its own
// name point here), "origin_not_allowed" (a page elsewhere sent it).
Status CheckPage(const ServerConfig& config, const http::Request& request);

// Whether the body of an administrative request is declared as what it must be. Pages may send
// forms and plain text to other origins without asking; JSON they may not. An empty body needs
// none.
bool DeclaresJson(const http::Request& request);

// The headers that let pages of an allowed origin read the reply, whatever it will be.
void AllowPage(const ServerConfig& config, bool keyed, http::Exchange* exchange);

// Whether a browser asks what a page may send (a preflight), and the answer for an allowed origin.
bool IsPreflight(const http::Request& request);
http::Reply PreflightReply(const http::Request& request);

}  // namespace moerge::api
