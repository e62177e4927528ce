// Kept decisions: list, get, replay on what is known now.
#include <utility>

#include "config/base/text.h"
#include "registry/decision_log.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/paging.h"
#include "services/api/decision_row.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/replay.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

Status TakeStatus(const http::Request& request, std::optional<int>* out) {
  const std::string value = request.Query("status");
  if (value.empty()) return Ok{};
  const auto status = ParseInt(value);
  if (!status || *status < 100 || *status > 599) return FieldError("status", "an HTTP status");
  *out = static_cast<int>(*status);
  return Ok{};
}

Result<DecisionFilter> ReadFilter(const http::Request& request) {
  DecisionFilter filter;
  TakeTextFilter(request, "policy", &filter.policy);
  TakeTextFilter(request, "expert", &filter.expert);
  TakeTextFilter(request, "skill", &filter.skill);
  TakeTextFilter(request, "outcome", &filter.outcome);
  TakeTextFilter(request, "client", &filter.client);
  if (Status status = TakeStatus(request, &filter.status); !status) {
    return std::move(status).error();
  }
  filter.before_id = request.Query("before");
  if (Status since = TakeTimeFilter(request, "since", &filter.since); !since) {
    return std::move(since).error();
  }
  if (Status until = TakeTimeFilter(request, "until", &filter.until); !until) {
    return std::move(until).error();
  }
  const Result<int> limit = ReadLimit(request, filter.limit);
  if (!limit) return limit.error();
  filter.limit = *limit;
  return filter;
}

Task<void> ListDecisions(ApiCall& call, ApiContext& context) {
  Result<DecisionFilter> filter = ReadFilter(call.exchange.request());
  if (!filter) co_return co_await SendError(call, std::move(filter).error());
  const int limit = filter->limit;
  std::function<Result<std::vector<DecisionRecord>>(DecisionQueries&)> ask =
      [wanted = *std::move(filter)](DecisionQueries& decisions) { return decisions.List(wanted); };
  auto records = co_await OnDecisions(context.shared().store, std::move(ask));
  if (!records) {
    Error error = std::move(records).error();
    if (error.param == "before_id") error.param = "before";  // as it is called here
    co_return co_await SendError(call, std::move(error));
  }
  TextBuffer rows;
  for (const DecisionRecord& record : *records) {
    if (rows.size() > 0) rows.Append(',');
    AppendDecisionRow(record, &rows);
  }
  co_await SendJson(call, ListJson(rows.view(), static_cast<int>(records->size()) == limit));
}

// The decision of the path's id. Whoever hears of a request while it ends asks for its decision at
// once, so one that waits to be written is looked for first: what does not wait any more is in the
// store.
Task<Result<DecisionRecord>> Load(ApiCall& call, ApiContext& context) {
  const std::string id(call.Parameter("id"));
  if (auto waiting = context.shared().store.FindWaiting(id)) co_return *std::move(waiting);
  std::function<Result<std::optional<DecisionRecord>>(DecisionQueries&)> ask =
      [id](DecisionQueries& decisions) { return decisions.Get(id); };
  auto record = co_await OnDecisions(context.shared().store, std::move(ask));
  if (!record) co_return std::move(record).error();
  if (!*record) {
    if (auto why = context.shared().store.WhyNotKept(id)) co_return *std::move(why);
    co_return Error{.code = ErrorCode::kNotFound,
                    .message = "there is no decision `" + id + "`; it may be too old",
                    .param = "id"};
  }
  co_return **std::move(record);
}

Task<void> GetDecision(ApiCall& call, ApiContext& context) {
  Result<DecisionRecord> record = co_await Load(call, context);
  if (!record) co_return co_await SendError(call, std::move(record).error());
  co_await SendJson(call, std::move(record->json));
}

Task<void> Replay(ApiCall& call, ApiContext& context) {
  Result<DecisionRecord> kept = co_await Load(call, context);
  if (!kept) co_return co_await SendError(call, std::move(kept).error());
  Result<std::string> replay = ReplayDecision(context, kept->json);
  if (!replay) co_return co_await SendError(call, std::move(replay).error());
  co_await SendJson(call, *std::move(replay));
}

}  // namespace

void AddDecisionRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/decisions", Access::kRead,
            [&context](ApiCall& call) { return ListDecisions(call, context); });
  table.Add("GET", "/api/v1/decisions/{id}", Access::kRead,
            [&context](ApiCall& call) { return GetDecision(call, context); });
  table.Add("POST", "/api/v1/decisions/{id}/replay", Access::kRead,
            [&context](ApiCall& call) { return Replay(call, context); });
}

}  // namespace moerge::api
