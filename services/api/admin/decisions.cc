// Kept decisions: list, get, replay on what is known now.
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/decision_log.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/paging.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/replay.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

void TakeText(const http::Request& request, std::string_view name,
              std::optional<std::string>* out) {
  std::string value = request.Query(name);
  if (!value.empty()) *out = std::move(value);
}

Status TakeTime(const http::Request& request, std::string_view name, std::optional<WallTime>* out) {
  const std::string value = request.Query(name);
  if (value.empty()) return Ok{};
  *out = ParseTime(value);
  if (*out) return Ok{};
  return FieldError(std::string(name), "a time such as 2026-01-31T12:00:00Z");
}

Result<DecisionFilter> ReadFilter(const http::Request& request) {
  DecisionFilter filter;
  TakeText(request, "policy", &filter.policy);
  TakeText(request, "expert", &filter.expert);
  TakeText(request, "skill", &filter.skill);
  TakeText(request, "outcome", &filter.outcome);
  filter.before_id = request.Query("before");
  if (Status since = TakeTime(request, "since", &filter.since); !since) {
    return std::move(since).error();
  }
  if (Status until = TakeTime(request, "until", &filter.until); !until) {
    return std::move(until).error();
  }
  const Result<int> limit = ReadLimit(request, filter.limit);
  if (!limit) return limit.error();
  filter.limit = *limit;
  return filter;
}

void WriteSummary(const DecisionRecord& record, json::Writer& writer) {
  writer.BeginObject().Field("id", record.id).Field("time", FormatTime(record.time));
  writer.Field("request_id", record.request_id).Field("policy", record.policy);
  writer.Field("expert", record.expert).Field("skill", record.skill);
  writer.Field("outcome", record.outcome).EndObject();
}

Task<void> ListDecisions(ApiCall& call, ApiContext& context) {
  Result<DecisionFilter> filter = ReadFilter(call.exchange.request());
  if (!filter) co_return co_await SendError(call, std::move(filter).error());
  const int limit = filter->limit;
  std::function<Result<std::vector<DecisionRecord>>(Store&)> job =
      [wanted = *std::move(filter)](Store& store) { return store.decisions().List(wanted); };
  auto records = co_await OnStore(context.shared().store, std::move(job));
  if (!records) co_return co_await SendError(call, std::move(records).error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const DecisionRecord& record : *records) WriteSummary(record, writer);
  writer.EndArray().Field("has_more", static_cast<int>(records->size()) == limit).EndObject();
  co_await SendJson(call, std::move(out));
}

// The kept decision of the path's id.
Task<Result<DecisionRecord>> Load(ApiCall& call, ApiContext& context) {
  const std::string id(call.Parameter("id"));
  std::function<Result<std::optional<DecisionRecord>>(Store&)> job = [id](Store& store) {
    return store.decisions().Get(id);
  };
  auto record = co_await OnStore(context.shared().store, std::move(job));
  if (!record) co_return std::move(record).error();
  if (!*record) {
    if (auto why = context.shared().store.WhyNotKept(id)) co_return *std::move(why);
    co_return Error{.code = ErrorCode::kNotFound,
                    .message = "there is no decision `" + id +
                               "`; it may be too old, or not yet written (that takes a moment)",
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
  table.Add("GET", "/api/v1/decisions", Access::kAdmin,
            [&context](ApiCall& call) { return ListDecisions(call, context); });
  table.Add("GET", "/api/v1/decisions/{id}", Access::kAdmin,
            [&context](ApiCall& call) { return GetDecision(call, context); });
  table.Add("POST", "/api/v1/decisions/{id}/replay", Access::kAdmin,
            [&context](ApiCall& call) { return Replay(call, context); });
}

}  // namespace moerge::api
