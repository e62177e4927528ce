// Logging in to the dashboard: a key becomes a session, which a cookie stands for.
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "config/base/json.h"
#include "config/base/log.h"
#include "services/access/access_state.h"
#include "services/api/access.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/page_guard.h"
#include "services/api/page_session.h"

namespace moerge::api {
namespace {

std::string SessionJson(const ApiKey* key, bool keyed, std::string_view session_id) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("login_required", keyed && key == nullptr);
  writer.TextOrNull("key", key == nullptr ? std::string_view() : key->name);
  std::string_view role;
  if (key != nullptr) role = RoleName(key->role);
  if (!keyed) role = RoleName(Role::kAdmin);
  writer.TextOrNull("role", role);
  std::string csrf;
  if (key != nullptr && !session_id.empty()) csrf = Sessions::CsrfTokenOf(session_id);
  writer.Field("csrf", csrf).Field("version", MOERGE_VERSION).EndObject();
  return out;
}

// Without a key that is one, the page is to ask for one: no error.
Task<void> ShowSession(ApiCall& call, ApiContext& context) {
  const Snapshot& snapshot = *call.router->snapshot();
  const http::Request& request = call.exchange.request();
  const std::string_view session_id = SessionIdOf(request);
  const ApiKey* key = nullptr;
  if (!snapshot.keys.empty()) {
    const auto found = FindCaller(snapshot, request, context.shared().access->sessions);
    if (found) key = *found;
  }
  call.exchange.SetHeader("cache-control", "no-store");
  std::string json = SessionJson(key, !snapshot.keys.empty(), session_id);
  co_await SendJson(call, std::move(json));
}

std::string AddressOf(const http::Request& request) {
  return request.peer.substr(0, request.peer.rfind(':'));
}

Result<std::string> ReadKeyText(std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return document.error();
  const auto key = document->root().Find("key").AsString();
  if (!key || key->empty() || document->root().size() != 1) {
    return FieldError("key", "the API key, and the body's one field");
  }
  return std::string(*key);
}

// The key that the body holds, if its sender may still guess.
Result<const ApiKey*> LogIn(ApiCall& call, ApiContext& context, std::string_view text) {
  const Snapshot& snapshot = *call.router->snapshot();
  const auto now = LoginLimit::Clock::now();
  LoginLimit& logins = context.shared().access->logins;
  const std::string address = AddressOf(call.exchange.request());
  if (const auto wait = logins.Wait(address, now); wait.count() > 0) {
    return Error{.code = ErrorCode::kRateLimited,
                 .message = "too many logins with wrong keys; wait before the next one",
                 .reason = "too_many_logins",
                 .retry_after = std::chrono::ceil<std::chrono::seconds>(wait)};
  }
  Result<const ApiKey*> key = FindUsableKey(snapshot, text);
  if (!key) {
    logins.Failed(address, now);
    LogWarning("a login was refused", {{"address", address}, {"request_id", call.request_id}});
  }
  return key;
}

Task<void> BeginSession(ApiCall& call, ApiContext& context) {
  const http::Request& request = call.exchange.request();
  if (!DeclaresJson(request)) {
    http::Reply reply = NotDeclaredJson(request.Find("content-type"));
    call.notes.error = "a body that is not declared as JSON";
    (void)co_await call.exchange.Send(std::move(reply));
    co_return;
  }
  const std::string body = call.exchange.TakeBody();
  const Result<std::string> text = ReadKeyText(body);
  if (!text) co_return co_await SendError(call, text.error());
  call.exchange.SetHeader("cache-control", "no-store");
  if (call.router->snapshot()->keys.empty()) {
    std::string open = SessionJson(nullptr, false, {});
    co_return co_await SendJson(call, std::move(open));
  }
  Result<const ApiKey*> key = LogIn(call, context, *text);
  if (!key) co_return co_await SendError(call, std::move(key).error());
  const std::string id = context.shared().access->sessions.Open(**key, Sessions::Clock::now());
  call.exchange.SetHeader("set-cookie", SessionCookie(request, id));
  std::string json = SessionJson(*key, true, id);
  co_await SendJson(call, std::move(json));
}

Task<void> EndSession(ApiCall& call, ApiContext& context) {
  const http::Request& request = call.exchange.request();
  const std::string_view id = SessionIdOf(request);
  if (!id.empty()) {
    if (Status ours = CheckCsrf(request, id); !ours) {
      co_return co_await SendError(call, std::move(ours).error());
    }
    context.shared().access->sessions.Close(id);
  }
  call.exchange.SetHeader("set-cookie", NoSessionCookie(request));
  co_await SendJson(call, "{\"ended\":true}");
}

}  // namespace

void AddSessionRoutes(RouteTable& table, ApiContext& context) {
  constexpr std::string_view kPath = "/api/v1/session";
  table.Add("GET", kPath, Access::kOpen,
            [&context](ApiCall& call) { return ShowSession(call, context); });
  table.Add("POST", kPath, Access::kOpen,
            [&context](ApiCall& call) { return BeginSession(call, context); });
  table.Add("DELETE", kPath, Access::kOpen,
            [&context](ApiCall& call) { return EndSession(call, context); });
}

}  // namespace moerge::api
