// What happens, as it happens: decisions and sums, as server-sent events.
#include <chrono>
#include <string>
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/access.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/decision_row.h"
#include "services/api/error.h"

namespace moerge::api {
namespace {

using Clock = LiveFeed::Clock;

constexpr std::chrono::milliseconds kLook{250};
constexpr std::chrono::seconds kStatusEvery{1};
constexpr std::chrono::seconds kCommentEvery{10};

void AppendEvent(std::string_view name, std::string_view json, std::string* out) {
  out->append("event: ").append(name).append("\ndata: ").append(json).append("\n\n");
}

std::string StatusJson(const LiveFeed::Totals& totals, ApiContext& context) {
  const ApiShared& shared = context.shared();
  const std::string_view failing = shared.store.health().Failing();
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("time", FormatTime(std::chrono::system_clock::now()));
  writer.Field("requests", totals.requests).Field("errors", totals.errors);
  writer.Field("cancelled", totals.cancelled).Field("in_flight", totals.in_flight);
  writer.Field("tokens", totals.tokens);
  writer.Key("cost_usd").Fixed(totals.cost_usd, kUsdDigits);
  writer.Field("left_out", totals.left_out);
  writer.Field("revision", shared.registry.Current()->revision);
  writer.TextOrNull("store_failing", failing).EndObject();
  return out;
}

// One client that watches.
class EventStream {
 public:
  EventStream(ApiCall& call, ApiContext& context, LiveFeed::Listener& listener)
      : call_(call), context_(context), listener_(listener) {}

  Task<Status> Begin() {
    call_.exchange.SetHeader("cache-control", "no-store");
    call_.exchange.SetHeader("x-accel-buffering", "no");
    Status begun = co_await call_.exchange.BeginStream(200, "text/event-stream; charset=utf-8");
    if (!begun) co_return begun;
    text_ = "retry: 2000\n\n";
    AppendStatus(Clock::now());
    co_return co_await Flush();
  }

  // Until the client leaves, its key is worth nothing any more, or the server stops.
  Task<void> Run() {
    while (true) {
      co_await SleepFor(kLook);
      if (call_.exchange.cancellation().cancelled()) co_return call_.exchange.Abort();
      if (context_.shared().live->closed()) break;
      const Clock::time_point now = Clock::now();
      AppendRows();
      if (now - looked_ >= kStatusEvery) {
        if (!StillAllowed()) break;
        AppendStatus(now);
      }
      if (text_.empty() && now - written_ >= kCommentEvery) text_ = ": nothing new\n\n";
      const Status sent = co_await Flush();
      if (!sent) co_return call_.exchange.Abort();
    }
    (void)co_await call_.exchange.EndStream();
  }

 private:
  void AppendRows() {
    if (const std::int64_t missed = listener_.Take(&rows_); missed > 0) {
      AppendEvent("missed", "{\"decisions\":" + std::to_string(missed) + "}", &text_);
    }
    for (const LiveFeed::Row& row : rows_) AppendEvent("decision", *row, &text_);
  }

  // Nothing new is not said again.
  void AppendStatus(Clock::time_point now) {
    const LiveFeed::Totals totals = context_.shared().live->Sum();
    const std::uint64_t revision = context_.shared().registry.Current()->revision;
    const bool first = looked_ == Clock::time_point{};
    looked_ = now;
    if (!first && totals == totals_ && revision == revision_) return;
    totals_ = totals;
    revision_ = revision;
    AppendEvent("status", StatusJson(totals, context_), &text_);
  }

  bool StillAllowed() const {
    const ApiShared& shared = context_.shared();
    const SnapshotPtr snapshot = shared.registry.Current();
    return CheckAccess(*snapshot, call_.exchange.request(), Access::kRead, shared.access->sessions)
        .ok();
  }

  Task<Status> Flush() {
    if (text_.empty()) co_return Ok{};
    written_ = Clock::now();
    Status sent = co_await call_.exchange.Write(text_);
    text_.clear();
    co_return sent;
  }

  ApiCall& call_;
  ApiContext& context_;
  LiveFeed::Listener& listener_;
  std::vector<LiveFeed::Row> rows_;
  std::string text_;
  LiveFeed::Totals totals_;
  std::uint64_t revision_ = 0;
  Clock::time_point looked_{};
  Clock::time_point written_{};
};

Task<void> Watch(ApiCall& call, ApiContext& context) {
  const std::unique_ptr<LiveFeed::Listener> listener = context.shared().live->Listen();
  if (listener == nullptr) {
    Error full{.code = ErrorCode::kOverloaded,
               .message = "as many as may watch this server's events at once (" +
                          std::to_string(LiveFeed::kListeners) + ") do already",
               .retry_after = std::chrono::seconds(5)};
    co_return co_await SendError(call, std::move(full));
  }
  EventStream stream(call, context, *listener);
  const Status begun = co_await stream.Begin();
  if (!begun) co_return call.exchange.Abort();
  co_await stream.Run();
}

}  // namespace

void AddEventRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/events", Access::kRead,
            [&context](ApiCall& call) { return Watch(call, context); });
}

}  // namespace moerge::api
