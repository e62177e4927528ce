// What requests took, by the hour or the day: kept far longer than decisions.
#include <array>
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/paging.h"
#include "services/api/decision_row.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

constexpr std::array<std::pair<std::string_view, UsageGroup>, 4> kGroups = {
    {{"policy", UsageGroup::kPolicy},
     {"expert", UsageGroup::kExpert},
     {"skill", UsageGroup::kSkill},
     {"client", UsageGroup::kClient}}};

struct UsageQuestion {
  UsageFilter filter;
  std::string_view group;  // empty: not grouped
};

// How rows are written.
struct UsageShape {
  std::string_view group;
  bool percentiles = false;
};

Status TakeGroup(const http::Request& request, UsageQuestion* question) {
  const std::string wanted = request.Query("group");
  if (wanted.empty()) return Ok{};
  for (const auto& [name, group] : kGroups) {
    if (name != wanted) continue;
    question->filter.group = group;
    question->group = name;
    return Ok{};
  }
  return FieldError("group", "policy, expert, skill or client");
}

Status TakePer(const http::Request& request, UsageFilter* filter) {
  const std::string per = request.Query("per");
  if (!per.empty() && per != "hour" && per != "day") return FieldError("per", "hour or day");
  filter->per_day = per == "day";
  return Ok{};
}

Status TakeTimes(const http::Request& request, UsageFilter* filter) {
  std::optional<WallTime> since;
  std::optional<WallTime> until;
  Status taken = TakeTimeFilter(request, "since", &since);
  if (taken) taken = TakeTimeFilter(request, "until", &until);
  filter->since = since.value_or(WallTime());
  filter->until = until.value_or(WallTime::max());
  return taken;
}

Result<UsageQuestion> ReadQuestion(const http::Request& request) {
  UsageQuestion question;
  UsageFilter& filter = question.filter;
  TakeTextFilter(request, "policy", &filter.policy);
  TakeTextFilter(request, "expert", &filter.expert);
  TakeTextFilter(request, "skill", &filter.skill);
  TakeTextFilter(request, "client", &filter.client);
  Status taken = TakeGroup(request, &question);
  if (taken) taken = TakePer(request, &filter);
  if (taken) taken = TakeTimes(request, &filter);
  if (!taken) return std::move(taken).error();
  if (Status flag = TakeFlag(request, "percentiles", &filter.percentiles); !flag) {
    return std::move(flag).error();
  }
  const Result<int> limit = ReadLimit(request, filter.limit);
  if (!limit) return limit.error();
  filter.limit = *limit;
  return question;
}

void WritePercentiles(std::string_view key, const LatencyPercentiles& times, json::Writer& writer) {
  writer.Key(key);
  if (times.count == 0) {
    writer.Null();
    return;
  }
  writer.BeginObject().Field("count", times.count).Key("p50").Fixed(times.p50_ms, kMsDigits);
  writer.Key("p95").Fixed(times.p95_ms, kMsDigits).Key("p99").Fixed(times.p99_ms, kMsDigits);
  writer.EndObject();
}

void WriteUsageRow(const UsageRow& row, const UsageShape& shape, json::Writer& writer) {
  const UsageSums& sums = row.sums;
  writer.BeginObject().Field("start", FormatTime(row.start));
  if (!shape.group.empty()) writer.Field(shape.group, row.value);
  writer.Field("requests", sums.requests).Field("errors", sums.errors);
  writer.Field("cancelled", sums.cancelled).Field("prompt_tokens", sums.prompt_tokens);
  writer.Field("completion_tokens", sums.completion_tokens);
  writer.Key("cost_usd").Fixed(sums.cost_usd, kUsdDigits);
  const double requests = sums.requests > 0 ? static_cast<double>(sums.requests) : 1;
  writer.Key("mean_latency_ms").Fixed(sums.latency_ms / requests, kMsDigits);
  writer.Field("calls", sums.calls);
  if (shape.percentiles) {
    WritePercentiles("latency_ms", row.latency, writer);
    WritePercentiles("first_token_ms", row.first_token, writer);
  }
  writer.EndObject();
}

Task<void> ListUsage(ApiCall& call, ApiContext& context) {
  Result<UsageQuestion> question = ReadQuestion(call.exchange.request());
  if (!question) co_return co_await SendError(call, std::move(question).error());
  const UsageShape shape{question->group, question->filter.percentiles};
  const auto limit = static_cast<std::size_t>(question->filter.limit);
  std::function<Result<std::vector<UsageRow>>(DecisionQueries&)> ask =
      [wanted = std::move(question->filter)](DecisionQueries& decisions) {
        return decisions.Usage(wanted);
      };
  auto rows = co_await OnDecisions(context.shared().store, std::move(ask));
  if (!rows) co_return co_await SendError(call, std::move(rows).error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const UsageRow& row : *rows) WriteUsageRow(row, shape, writer);
  writer.EndArray().Field("has_more", rows->size() == limit).EndObject();
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddUsageRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/usage", Access::kRead,
            [&context](ApiCall& call) { return ListUsage(call, context); });
}

}  // namespace moerge::api
