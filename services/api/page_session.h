// Requests that come with a dashboard session in place of a key: the cookie, and the token that
// shows that the page sent them which the session belongs to. Thread-safe, pure.
#pragma once

#include <string>
#include <string_view>

#include "config/base/result.h"
#include "services/http/exchange.h"

namespace moerge::api {

// The session's id in the request's cookies; empty: there is none.
std::string_view SessionIdOf(const http::Request& request);

// Whether the request comes with the token of that session (X-CSRF-Token), or changes nothing.
// Error: kForbidden with reason "csrf_token".
Status CheckCsrf(const http::Request& request, std::string_view session_id);

// The value of a Set-Cookie that begins the session, and of one that ends it. The browser sends the
// cookie over https alone if the request came so (X-Forwarded-Proto; who lies there harms himself).
std::string SessionCookie(const http::Request& request, std::string_view id);
std::string NoSessionCookie(const http::Request& request);

}  // namespace moerge::api
