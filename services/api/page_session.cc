#include "services/api/page_session.h"

#include "config/base/secret.h"
#include "config/base/text.h"
#include "services/access/sessions.h"

namespace moerge::api {
namespace {

constexpr std::string_view kCookie = "moerge_session";

bool ChangesNothing(std::string_view method) { return method == "GET" || method == "HEAD"; }

std::string CookieWith(const http::Request& request, std::string_view value, long long seconds) {
  std::string cookie(kCookie);
  cookie.append("=").append(value).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
  cookie += std::to_string(seconds);
  const bool https = EqualsIgnoreCase(Trim(request.Find("x-forwarded-proto")), "https");
  return https ? cookie + "; Secure" : cookie;
}

}  // namespace

std::string_view SessionIdOf(const http::Request& request) {
  for (const http::Header& header : request.headers) {
    if (!EqualsIgnoreCase(header.name, "cookie")) continue;
    for (std::string_view pair : Split(header.value, ';')) {
      pair = Trim(pair);
      if (pair.size() <= kCookie.size() || pair[kCookie.size()] != '=') continue;
      if (pair.starts_with(kCookie)) return pair.substr(kCookie.size() + 1);
    }
  }
  return {};
}

Status CheckCsrf(const http::Request& request, std::string_view session_id) {
  if (ChangesNothing(request.method)) return Ok{};
  const std::string token = Sessions::CsrfTokenOf(session_id);
  if (EqualConstantTime(request.Find("x-csrf-token"), token)) return Ok{};
  return Error{.code = ErrorCode::kForbidden,
               .message =
                   "a change that comes with a session's cookie needs the session's token "
                   "in the header X-CSRF-Token (GET /api/v1/session says it); load the page "
                   "again",
               .reason = "csrf_token"};
}

std::string SessionCookie(const http::Request& request, std::string_view id) {
  return CookieWith(request, id, std::chrono::seconds(Sessions::kLongest).count());
}

std::string NoSessionCookie(const http::Request& request) { return CookieWith(request, "", 0); }

}  // namespace moerge::api
