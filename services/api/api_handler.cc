#include "services/api/api_handler.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "config/base/log.h"
#include "config/base/random.h"
#include "config/base/text.h"
#include "services/api/access.h"
#include "services/api/error.h"
#include "services/api/page_guard.h"

namespace moerge::api {
namespace {

using Clock = std::chrono::steady_clock;

bool IsSaneId(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::string RequestId(std::string_view sent) {
  return IsSaneId(sent) ? std::string(sent) : RandomId();
}

http::Reply NoRoute(const http::Request& request, const std::string& allow) {
  if (allow.empty()) {
    return ErrorReply(Error{.code = ErrorCode::kNotFound,
                            .message =
                                "there is nothing at this path; GET /openapi.json lists what "
                                "there is",
                            .reason = "unknown_path"});
  }
  http::Reply reply = StatusReply(
      405, "this path takes " + allow + ", not " + std::string(request.method.substr(0, 32)));
  reply.headers.emplace_back("allow", allow);
  return reply;
}

http::Reply NotDeclaredJson(std::string_view type) {
  Error error{.code = ErrorCode::kInvalid,
              .message =
                  "a body for this path must be JSON and say so: send the header "
                  "`content-type: application/json` (curl: -H 'content-type: "
                  "application/json')",
              .reason = "unsupported_content_type"};
  if (!type.empty()) error.message += ", not `" + std::string(type.substr(0, 128)) + "`";
  http::Reply reply = ErrorReply(error);
  reply.status = 415;
  return reply;
}

// What is said before anything is looked up: to a browser that asks for leave, and to web pages
// that may not call.
std::optional<http::Reply> WithoutRoute(ApiCall& call, std::string_view path,
                                        const Snapshot& snapshot, const ServerConfig& config) {
  const http::Request& request = call.exchange.request();
  const bool keyed = !snapshot.keys.empty();
  if (IsPreflight(request) && IsAllowedOrigin(config, request.Find("origin"), keyed)) {
    return PreflightReply(request);
  }
  if (keyed) return std::nullopt;
  if (const Status page = CheckPage(config, request); !page) {
    call.notes.error = page.error().message;
    return ErrorReply(page.error());
  }
  if (path.starts_with("/api/") && !DeclaresJson(request)) {
    call.notes.error = "a body that is not declared as JSON";
    return NotDeclaredJson(request.Find("content-type"));
  }
  return std::nullopt;
}

// The server's own limit, or an earlier one that the client asks for.
Deadline DeadlineOf(const http::Request& request, std::chrono::milliseconds limit) {
  const Deadline deadline = Deadline::After(limit);
  const std::optional<std::int64_t> wish = ParseInt(request.Find("x-moerge-timeout-ms"));
  if (!wish || *wish <= 0 || *wish >= limit.count()) return deadline;
  return deadline.Within(std::chrono::milliseconds(*wish));
}

double MillisecondsSince(Clock::time_point start) {
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return std::round(ms * 1000) / 1000;
}

void LogFailed(const ApiCall& call, const http::Request& request, double ms) {
  const CallNotes& notes = call.notes;
  LogInfo("request failed", {{"method", request.method},
                             {"path", request.path},
                             {"status", call.exchange.status()},
                             {"ms", ms},
                             {"request_id", call.request_id},
                             {"key", call.key_name},
                             {"policy", notes.policy},
                             {"expert", notes.expert},
                             {"skill", notes.skill},
                             {"attempts", notes.attempts},
                             {"decision", notes.decision},
                             {"error", notes.error}});
}

void LogRouted(const ApiCall& call, const http::Request& request, double ms) {
  const CallNotes& notes = call.notes;
  LogInfo("request", {{"method", request.method},
                      {"path", request.path},
                      {"status", call.exchange.status()},
                      {"ms", ms},
                      {"request_id", call.request_id},
                      {"key", call.key_name},
                      {"policy", notes.policy},
                      {"expert", notes.expert},
                      {"skill", notes.skill},
                      {"attempts", notes.attempts},
                      {"overhead_ms", notes.overhead_ms},
                      {"decision", notes.decision}});
}

}  // namespace

ApiHandler::ApiHandler(std::unique_ptr<ApiContext> context, const std::vector<RouteGroup>& groups)
    : context_(std::move(context)) {
  for (const RouteGroup group : groups) group(table_, *context_);
}

// Files are sent as forms, and nothing else is: other requests pay no second look at the table.
bool ApiHandler::StreamsBody(const http::Request& request) const {
  constexpr std::string_view kForm = "multipart/";
  const std::string_view type = request.Find("content-type").substr(0, kForm.size());
  if (!EqualsIgnoreCase(type, kForm)) return false;
  const RouteTable::Match match = table_.Find(request.method, CanonicalPath(request.path));
  return match.route != nullptr && match.route->streams_body;
}

void ApiHandler::BeginReply(http::Exchange& exchange) const {
  const ApiShared& shared = context_->shared();
  const bool keyed = !shared.registry.Current()->keys.empty();
  AllowPage(shared.config.Current()->server, keyed, &exchange);
}

Task<void> ApiHandler::Handle(http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  ApiCall call{.exchange = exchange, .parameters = {}, .request_id = {}, .key_name = {}};
  call.begin = Clock::now();
  call.request_id = RequestId(request.Find("x-request-id"));
  exchange.SetHeader("x-request-id", call.request_id);
  call.router = context_->shared().router();
  call.config = context_->shared().config.Current();
  const Snapshot& snapshot = *call.router->snapshot();
  AllowPage(call.config->server, !snapshot.keys.empty(), &exchange);
  co_await Serve(call, snapshot, call.config->server);
  LogCall(call);
}

Task<void> ApiHandler::Serve(ApiCall& call, const Snapshot& snapshot, const ServerConfig& config) {
  const http::Request& request = call.exchange.request();
  const std::string path = CanonicalPath(request.path);
  std::optional<http::Reply> early = WithoutRoute(call, path, snapshot, config);
  if (early) {
    (void)co_await call.exchange.Send(*std::move(early));
    co_return;
  }
  RouteTable::Match match = table_.Find(request.method, path);
  if (match.route == nullptr) {
    http::Reply reply = NoRoute(request, match.allow);
    (void)co_await call.exchange.Send(std::move(reply));
    co_return;
  }
  call.open = match.route->access == Access::kOpen;
  const Result<const ApiKey*> key =
      CheckAccess(snapshot, request.Find("authorization"), match.route->access);
  if (!key) co_return co_await SendError(call, key.error());
  if (*key != nullptr) call.key_name = (*key)->name;
  call.deadline = DeadlineOf(request, config.request_timeout);
  call.parameters = std::move(match.parameters);
  co_await match.route->handle(call);
}

void ApiHandler::LogCall(const ApiCall& call) {
  // Probes and scrapes come every few seconds and say nothing.
  if (call.open || !LogEnabled(LogLevel::kInfo)) return;
  const http::Request& request = call.exchange.request();
  const double ms = MillisecondsSince(call.begin);
  if (!call.notes.error.empty()) return LogFailed(call, request, ms);
  if (!call.notes.policy.empty()) return LogRouted(call, request, ms);
  LogInfo("request", {{"method", request.method},
                      {"path", request.path},
                      {"status", call.exchange.status()},
                      {"ms", ms},
                      {"request_id", call.request_id},
                      {"key", call.key_name}});
}

http::Reply ApiHandler::ErrorReply(int status, std::string_view message) const {
  return StatusReply(status, message);
}

}  // namespace moerge::api
