#include "services/api/api_handler.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "config/base/hash.h"
#include "config/base/log.h"
#include "config/base/random.h"
#include "config/base/text.h"
#include "services/api/access.h"
#include "services/api/error.h"
#include "services/api/key_rules.h"
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

// Keys are known by their names, and their texts are not kept.
bool IsNamed(const http::Request& request) {
  return request.method == "POST" && !request.path.starts_with("/api/v1/keys") &&
         !request.Find("idempotency-key").empty();
}

Error NotAgain(ReplyMemory::State state) {
  if (state == ReplyMemory::State::kUnderWay) {
    return Error{.code = ErrorCode::kConflict,
                 .message = "a request with this Idempotency-Key is being done; ask again shortly",
                 .reason = "idempotency_key_in_use",
                 .retry_after = std::chrono::seconds(1)};
  }
  return Error{.code = ErrorCode::kInvalid,
               .message = "this Idempotency-Key was used for another request; take a new one",
               .reason = "idempotency_key_reused",
               .status = 422};
}

// A named creation's reply as it is made. What ends without one may be tried again.
class NamedReply {
 public:
  NamedReply(ReplyMemory& replies, std::string name, ApiCall& call)
      : replies_(replies), name_(std::move(name)), call_(call) {
    reply_.status = 0;
    call_.kept_reply = &reply_;
  }
  ~NamedReply() {
    call_.kept_reply = nullptr;
    std::optional<ReplyMemory::Reply> kept;
    if (reply_.status != 0) kept.emplace(ReplyMemory::Reply{reply_.status, std::move(reply_.body)});
    replies_.End(name_, std::move(kept));
  }
  NamedReply(const NamedReply&) = delete;
  NamedReply& operator=(const NamedReply&) = delete;

 private:
  ReplyMemory& replies_;
  std::string name_;
  ApiCall& call_;
  http::Reply reply_;
};

class UnderWay {
 public:
  explicit UnderWay(LiveFeed::Counts& counts) : counts_(counts) { counts_.Begin(); }
  ~UnderWay() { counts_.End(); }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  LiveFeed::Counts& counts_;
};

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
  Sessions& sessions = context_->shared().access->sessions;
  const Result<const ApiKey*> key = CheckAccess(snapshot, request, match.route->access, sessions);
  if (!key) co_return co_await SendError(call, key.error());
  call.key = *key;
  if (call.key != nullptr) call.key_name = call.key->name;
  call.deadline = DeadlineOf(request, config.request_timeout);
  call.parameters = std::move(match.parameters);
  if (match.route->access == Access::kInference && request.method == "POST") {
    co_return co_await HandleLimited(call, *match.route);
  }
  if (match.route->access == Access::kAdmin && IsNamed(request)) {
    co_return co_await HandleOnce(call, *match.route);
  }
  co_await match.route->handle(call);
}

// A creation that its client has named is done once; sent again it gets the same reply.
Task<void> ApiHandler::HandleOnce(ApiCall& call, const Route& route) {
  ReplyMemory& replies = context_->shared().access->replies;
  const http::Request& request = call.exchange.request();
  std::string name = call.key_name + "\n" + request.path + "\n";
  name += request.Find("idempotency-key");
  const std::string sent = Sha256Hex(std::string(request.query) + "\n" + request.body);
  const ReplyMemory::Found found = replies.Begin(name, sent, ReplyMemory::Clock::now());
  if (found.state == ReplyMemory::State::kDone) {
    call.exchange.SetHeader("idempotency-replayed", "true");
    std::string body = found.reply.body;
    co_return co_await SendJson(call, std::move(body), found.reply.status);
  }
  if (found.state != ReplyMemory::State::kNew) {
    Error error = NotAgain(found.state);
    co_return co_await SendError(call, std::move(error));
  }
  const NamedReply reply(replies, std::move(name), call);
  co_await route.handle(call);
}

// What asks experts counts: for the key that asks, and among what is under way.
Task<void> ApiHandler::HandleLimited(ApiCall& call, const Route& route) {
  if (call.key != nullptr) co_await OpenAccount(*context_, call);
  const Result<KeyPlace> place = EnterAccount(call);
  if (!place) co_return co_await SendError(call, place.error());
  const UnderWay under_way(context_->counts());
  co_await route.handle(call);
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
