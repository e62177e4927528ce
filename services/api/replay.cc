#include "services/api/replay.h"

#include <charconv>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "router/signals_json.h"
#include "services/api/decision_json.h"
#include "services/calls/chat_request.h"

namespace moerge::api {
namespace {

Error Damaged() { return Error{ErrorCode::kInternal, "the kept decision cannot be read"}; }

std::vector<std::string> Names(json::Value array) {
  std::vector<std::string> names;
  for (const json::Value element : array.children()) {
    names.emplace_back(element.AsString().value_or(std::string_view()));
  }
  return names;
}

std::uint64_t Seed(std::string_view digits) {
  std::uint64_t seed = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), seed);
  return seed;
}

// Views point into the document.
RouteRequest ReadRoute(json::Value request) {
  RouteRequest route;
  route.text.user = TextAt(request, "user");
  route.text.system = TextAt(request, "system");
  for (const json::Value turn : request.Find("earlier").children()) {
    route.text.earlier.push_back(turn.AsString().value_or(std::string_view()));
  }
  route.prompt_tokens = request.Find("prompt_tokens").AsInt().value_or(0);
  route.max_tokens = request.Find("max_tokens").AsInt().value_or(0);
  route.needs_functions = request.Find("needs_functions").AsBool().value_or(false);
  route.needs_vision = request.Find("needs_vision").AsBool().value_or(false);
  route.skills = Names(request.Find("skills"));
  route.experts = Names(request.Find("experts"));
  route.max_latency_ms = request.Find("max_latency_ms").AsDouble().value_or(0);
  route.seed = Seed(TextAt(request, "seed"));
  return route;
}

// The expert that a decision asks first.
std::string_view FirstExpert(json::Value decision) {
  for (const json::Value seat : decision.Find("roster").children()) return TextAt(seat, "expert");
  return {};
}

std::string Compare(json::Value then, const ChatRecord& record, std::string_view now) {
  const auto& roster = record.decision.roster;
  const std::string_view expert =
      roster.empty() ? std::string_view() : NameOf(roster.front().expert);
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.replay").Field("decision", TextAt(then, "id"));
  writer.Field("same_expert", FirstExpert(then) == expert);
  writer.Key("then").Raw(then.raw()).Key("now").Raw(now).EndObject();
  return out;
}

}  // namespace

Result<std::string> ReplayDecision(ApiContext& context, std::string_view kept) {
  const auto document = json::Document::Parse(kept);
  if (!document) return Damaged();
  const json::Value then = document->root();
  const json::Value text = then.Find("request").Find("user");
  if (!text) {
    return Error{ErrorCode::kConflict,
                 "the decision was kept without its text, which a replay needs; "
                 "`store: {decisions: {keep_text: true}}` keeps it"};
  }
  // What was kept holds no body; aggregates look into one for fields that they cannot honour.
  Result<ChatBodyPtr> body = ChatBody::Parse("{}");
  if (!body) return std::move(body).error();
  ChatRequest request;
  request.body = *std::move(body);
  request.model = TextAt(then, "model");
  // A request for another policy replaced "auto"; the decision says which one it was.
  if (request.model == "auto") request.policy = TextAt(then, "policy");
  request.route = ReadRoute(then.Find("request"));
  request.limits.cost_usd = then.Find("request").Find("max_cost_usd").AsDouble().value_or(0);
  ChatRecord record;
  const auto decided = context.engine().orchestrator().DecideAgain(
      request, ReadSignals(then.Find("signals")), record);
  if (!decided) return decided.error();
  std::string now;
  const DecisionView view{.record = record,
                          .route = request.route,
                          .model = request.model,
                          .outcome = Outcome::kDryRun};
  AppendDecision(view, &now);
  return Compare(then, record, now);
}

}  // namespace moerge::api
