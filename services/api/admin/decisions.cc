// Kept decisions: list, get, replay on what is known now.
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/paging.h"
#include "services/api/decision_json.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

void TakeText(const http::Request& request, std::string_view name, std::optional<std::string>* out) {
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
      [wanted = *std::move(filter)](Store& store) { return store.ListDecisions(wanted); };
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
    return store.GetDecision(id);
  };
  auto record = co_await OnStore(context.shared().store, std::move(job));
  if (!record) co_return std::move(record).error();
  if (!*record) {
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

std::vector<std::string> Texts(json::Value list) {
  std::vector<std::string> texts;
  for (const json::Value text : list.children()) {
    if (const auto value = text.AsString()) texts.emplace_back(*value);
  }
  return texts;
}

// What was routed then, as far as it was kept. Views point into the document.
Result<RouteRequest> KeptRequest(json::Value decision) {
  const json::Value kept = decision.Find("request");
  const auto user = kept.Find("user").AsString();
  if (!user) {
    return Error{.code = ErrorCode::kConflict,
                 .message = "this decision was kept without its text, so it cannot be replayed; "
                            "store.decisions.keep_text keeps it"};
  }
  RouteRequest request;
  request.text.user = *user;
  request.text.system = kept.Find("system").AsString().value_or("");
  for (const json::Value turn : kept.Find("earlier").children()) {
    request.text.earlier.push_back(turn.AsString().value_or(""));
  }
  request.prompt_tokens = kept.Find("prompt_tokens").AsInt().value_or(0);
  request.max_tokens = kept.Find("max_tokens").AsInt().value_or(0);
  request.needs_functions = kept.Find("needs_functions").AsBool().value_or(false);
  request.needs_vision = kept.Find("needs_vision").AsBool().value_or(false);
  request.skills = Texts(kept.Find("skills"));
  request.experts = Texts(kept.Find("experts"));
  const std::string seed(kept.Find("seed").AsString().value_or("0"));
  request.seed = std::strtoull(seed.c_str(), nullptr, 10);
  return request;
}

// Decides again under the policy of then, with the experts and profiles of now.
Result<ChatRecord> Decide(json::Value then, const RouteRequest& request, ApiContext& context) {
  ChatRecord record;
  record.router = context.shared().router();
  const Snapshot& snapshot = *record.router->snapshot();
  const std::string policy_name(then.Find("policy").AsString().value_or(""));
  const std::string model(then.Find("model").AsString().value_or(""));
  const Policy* policy = snapshot.FindPolicy(policy_name);
  const ExpertEntry* expert = policy_name == "direct" ? snapshot.FindExpert(model) : nullptr;
  if (policy == nullptr && expert == nullptr) {
    return Error{.code = ErrorCode::kConflict,
                 .message = "the policy or expert that this decision was made with (`" +
                            (policy_name == "direct" ? model : policy_name) + "`) is gone"};
  }
  record.decision = expert != nullptr ? record.router->Direct(request, *expert)
                                      : record.router->Route(request, *policy, &context.gates());
  return record;
}

bool SameRoster(json::Value then, const Decision& now) {
  const json::Value roster = then.Find("roster");
  if (roster.size() != now.roster.size()) return false;
  std::size_t i = 0;
  for (const json::Value seat : roster.children()) {
    if (seat.Find("expert").AsString() != NameOf(now.roster[i++].expert)) return false;
  }
  return true;
}

Task<void> ReplayDecision(ApiCall& call, ApiContext& context) {
  Result<DecisionRecord> kept = co_await Load(call, context);
  if (!kept) co_return co_await SendError(call, std::move(kept).error());
  const Result<json::Document> document = json::Document::Parse(kept->json);
  if (!document) co_return co_await SendError(call, document.error());
  const json::Value then = document->root();
  Result<RouteRequest> request = KeptRequest(then);
  if (!request) co_return co_await SendError(call, std::move(request).error());
  Result<ChatRecord> record = Decide(then, *request, context);
  if (!record) co_return co_await SendError(call, std::move(record).error());
  const DecisionView view{.record = *record,
                          .route = *request,
                          .model = then.Find("model").AsString().value_or(""),
                          .request_id = call.request_id,
                          .outcome = Outcome::kDryRun};
  std::string now;
  AppendDecision(view, &now);
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.replay");
  writer.Field("same_roster", SameRoster(then, record->decision));
  writer.Field("truncated", then.Find("request").Find("truncated").AsBool().value_or(false));
  writer.Key("then").Raw(kept->json).Key("now").Raw(now).EndObject();
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddDecisionRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/decisions", Access::kAdmin,
            [&context](ApiCall& call) { return ListDecisions(call, context); });
  table.Add("GET", "/api/v1/decisions/{id}", Access::kAdmin,
            [&context](ApiCall& call) { return GetDecision(call, context); });
  table.Add("POST", "/api/v1/decisions/{id}/replay", Access::kAdmin,
            [&context](ApiCall& call) { return ReplayDecision(call, context); });
}

}  // namespace moerge::api
