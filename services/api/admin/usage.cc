// What requests took, by the hour or the day: kept far longer than decisions.
#include <array>
#include <utility>

#include "config/base/text_buffer.h"
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

void AppendPercentiles(const LatencyPercentiles& times, TextBuffer* out) {
  if (times.count == 0) return out->Append("null");
  out->Append(R"({"count":)");
  out->AppendInt(times.count);
  out->Append(R"(,"p50":)");
  out->AppendDecimal(times.p50_ms, kMsDigits);
  out->Append(R"(,"p95":)");
  out->AppendDecimal(times.p95_ms, kMsDigits);
  out->Append(R"(,"p99":)");
  out->AppendDecimal(times.p99_ms, kMsDigits);
  out->Append('}');
}

void AppendUsageRow(const UsageRow& row, const UsageShape& shape, TextBuffer* out) {
  const UsageSums& sums = row.sums;
  out->Append(R"({"start":")");
  out->AppendTime(row.start);
  if (!shape.group.empty()) {
    out->Append(R"(",")");
    out->Append(shape.group);
    out->Append(R"(":)");
    out->AppendQuoted(row.value);
    out->Append(R"(,"requests":)");
  } else {
    out->Append(R"(","requests":)");
  }
  out->AppendInt(sums.requests);
  out->Append(R"(,"errors":)");
  out->AppendInt(sums.errors);
  out->Append(R"(,"cancelled":)");
  out->AppendInt(sums.cancelled);
  out->Append(R"(,"prompt_tokens":)");
  out->AppendInt(sums.prompt_tokens);
  out->Append(R"(,"completion_tokens":)");
  out->AppendInt(sums.completion_tokens);
  out->Append(R"(,"cost_usd":)");
  out->AppendDecimal(sums.cost_usd, kUsdDigits);
  const double requests = sums.requests > 0 ? static_cast<double>(sums.requests) : 1;
  out->Append(R"(,"mean_latency_ms":)");
  out->AppendDecimal(sums.latency_ms / requests, kMsDigits);
  out->Append(R"(,"calls":)");
  out->AppendInt(sums.calls);
  if (shape.percentiles) {
    out->Append(R"(,"latency_ms":)");
    AppendPercentiles(row.latency, out);
    out->Append(R"(,"first_token_ms":)");
    AppendPercentiles(row.first_token, out);
  }
  out->Append('}');
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
  TextBuffer list;
  for (const UsageRow& row : *rows) {
    if (list.size() > 0) list.Append(',');
    AppendUsageRow(row, shape, &list);
  }
  co_await SendJson(call, ListJson(list.view(), rows->size() == limit));
}

}  // namespace

void AddUsageRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/usage", Access::kRead,
            [&context](ApiCall& call) { return ListUsage(call, context); });
}

}  // namespace moerge::api
