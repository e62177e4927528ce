#include "services/api/replay.h"

#include <utility>

#include "config/base/json.h"
#include "router/signals_json.h"
#include "services/api/decision_json.h"
#include "services/calls/chat_request.h"
#include "services/compare/kept_request.h"

namespace moerge::api {
namespace {

Error IsGone(const Error& error, const ChatRequest& request) {
  if (error.param != "moerge.policy") return error;
  return Error{ErrorCode::kNotFound,
               "the policy `" + request.policy + "`, by which it was decided, is gone"};
}

// The expert that a decision asks first.
std::string_view FirstExpert(json::Value decision) {
  for (const json::Value seat : decision.Find("roster").children()) return StringAt(seat, "expert");
  return {};
}

std::string Compare(json::Value then, const ChatRecord& record, std::string_view now) {
  const auto& roster = record.decision.roster;
  const std::string_view expert =
      roster.empty() ? std::string_view() : NameOf(roster.front().expert);
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.replay").Field("decision", StringAt(then, "id"));
  writer.Field("same_expert", FirstExpert(then) == expert);
  writer.Key("then").Raw(then.raw()).Key("now").Raw(now).EndObject();
  return out;
}

}  // namespace

Result<std::string> ReplayDecision(ApiContext& context, std::string_view kept) {
  const auto read = KeptRequest::Read(std::string(kept));
  if (!read) return read.error();
  const KeptRequest& then = **read;
  // What was kept holds no body; aggregates look into one for fields that they cannot honour.
  Result<ChatBodyPtr> body = ChatBody::Parse("{}");
  if (!body) return std::move(body).error();
  ChatRequest request;
  request.body = *std::move(body);
  // The decision says which policy it was: the model may name another, or one on trial answered.
  request.policy = then.policy();
  request.model = request.policy.empty() ? then.model() : "auto";
  request.route = then.route();
  request.limits.cost_usd = request.route.max_cost_usd;
  ChatRecord record;
  const auto decided = context.engine().orchestrator().DecideAgain(
      request, ReadSignals(then.decision().Find("signals")), record);
  if (!decided) return IsGone(decided.error(), request);
  std::string now;
  const DecisionView view{
      .record = record, .route = request.route, .model = then.model(), .outcome = Outcome::kDryRun};
  AppendDecision(view, &now);
  return Compare(then.decision(), record, now);
}

}  // namespace moerge::api
