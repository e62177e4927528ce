#include "services/api/chat_call.h"

#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "registry/decision_log.h"
#include "services/api/decision_row.h"
#include "services/api/error.h"
#include "services/api/request_metrics.h"
#include "services/api/request_spans.h"

namespace moerge::api {
namespace {

std::string FixedText(double value, int decimals) {
  char digits[64];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals).ptr;
  return std::string(digits, end);
}

// Of HTTP, as the client saw it or would have seen it.
int StatusOf(Outcome outcome, const Error* error) {
  if (outcome == Outcome::kCancelled) return HttpStatus(ErrorCode::kCancelled);
  return error == nullptr ? 200 : HttpStatus(error->code);
}

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

// To whoever watches.
void Tell(ApiContext& context, const DecisionRecord& row, Outcome outcome,
          LiveFeed::Clock::time_point now) {
  using Ended = LiveFeed::Counts::Ended;
  if (outcome != Outcome::kDryRun) {
    Ended how = outcome == Outcome::kError ? Ended::kError : Ended::kOk;
    if (outcome == Outcome::kCancelled) how = Ended::kCancelled;
    context.counts().Count(how, row.prompt_tokens + row.completion_tokens, row.cost_usd);
  }
  LiveFeed& live = *context.shared().live;
  if (!live.WantsRow(now)) return;
  thread_local TextBuffer json;
  json.Clear();
  AppendDecisionRow(row, &json);
  live.Add(std::string(json.view()));
}

}  // namespace

void RoutedCall::SetHeaders() const {
  const Decision& decision = record.decision;
  if (decision.id.empty()) return;
  http::Exchange& exchange = call.exchange;
  if (record.expert != nullptr) exchange.SetHeader("x-moerge-expert", record.expert->spec.name);
  if (const std::string_view skill = TopSkill(decision); !skill.empty()) {
    exchange.SetHeader("x-moerge-skill", std::string(skill));
  }
  if (const auto confidence = record.Confidence()) {
    exchange.SetHeader("x-moerge-confidence", FixedText(*confidence, 4));
  }
  exchange.SetHeader("x-moerge-policy", std::string(PolicyName(decision)));
  exchange.SetHeader("x-moerge-attempts", std::to_string(AttemptCount(record)));
  exchange.SetHeader("x-moerge-overhead-ms",
                     FixedText(OverheadMs(record, ChatRecord::Clock::now()), 3));
  exchange.SetHeader("x-moerge-decision", decision.id);
}

DecisionView RoutedCall::View(Outcome outcome, const Error* error) const {
  return {.record = record,
          .route = route,
          .model = model,
          .request_id = call.request_id,
          .stream = stream,
          .outcome = outcome,
          .error = error,
          .keep_text = call.config->store.decisions_keep_text};
}

std::string RoutedCall::DecisionJson(Outcome outcome, const Error* error) const {
  std::string json;
  AppendDecision(View(outcome, error), &json);
  return json;
}

void RoutedCall::SendSpans(Outcome outcome, const Error* error,
                           ChatRecord::Clock::time_point now) const {
  if (!origin->trace.sampled) return;
  const RequestView view{.trace = origin->trace,
                         .record = record,
                         .operation = operation,
                         .model = model,
                         .policy = PolicyName(record.decision),
                         .skill = TopSkill(record.decision),
                         .request_id = call.request_id,
                         .client = call.key_name,
                         .stream = stream,
                         .status = StatusOf(outcome, error),
                         .error = error};
  thread_local SpanWriter spans;
  WriteSpans(view, now, &spans);
  context.shared().telemetry.Add(spans);
}

void RoutedCall::Finish(Outcome outcome, const Error* error) const {
  const auto now = ChatRecord::Clock::now();
  SendSpans(outcome, error, now);
  const Decision& decision = record.decision;
  context.metrics().Count(record, outcome, now);
  if (decision.id.empty()) return;
  CallNotes& notes = call.notes;
  notes.policy = PolicyName(decision);
  notes.skill = TopSkill(decision);
  if (record.expert != nullptr) notes.expert = NameOf(record.expert->id);
  notes.decision = decision.id;
  notes.attempts = static_cast<int>(record.attempts.size());
  notes.overhead_ms = OverheadMs(record, now);
  DecisionRecord kept = context.shared().store.NewDecision();
  kept.id = decision.id;
  kept.time = decision.time;
  kept.request_id = call.request_id;
  kept.policy = notes.policy;
  if (record.answered) kept.expert = record.expert->spec.name;
  kept.skill = notes.skill;
  kept.outcome = OutcomeName(outcome);
  kept.status = StatusOf(outcome, error);
  kept.client = call.key_name;
  const Spending charged = record.Charged();
  kept.prompt_tokens = charged.usage.prompt_tokens;
  kept.completion_tokens = charged.usage.completion_tokens;
  kept.cost_usd = charged.cost_usd;
  kept.latency_ms = Milliseconds(now - record.begin);
  if (record.first_token != ChatRecord::Clock::time_point{}) {
    kept.first_token_ms = Milliseconds(record.first_token - record.begin);
  }
  kept.calls = record.ledger.calls() + record.signal_calls - record.ledger.charged_before();
  Tell(context, kept, outcome, now);
  AppendDecision(View(outcome, error), &kept.json);
  context.shared().store.AddDecision(std::move(kept));
}

RoutedCall RoutedCallOf(ApiContext& context, ApiCall& call, const ChatRequest& request,
                        const ChatRecord& record) {
  return {.context = context,
          .call = call,
          .route = request.route,
          .model = request.model,
          .stream = request.stream,
          .record = record,
          .origin = request.origin};
}

void SetOrigin(ApiContext& context, const ApiCall& call, ChatRequest* request) {
  request->origin = OriginOf(context, call);
  request->route.seed = context.engine().random().Next();
}

OriginPtr OriginOf(ApiContext& context, const ApiCall& call) {
  const http::Request& request = call.exchange.request();
  const auto origin = std::make_shared<RequestOrigin>();
  origin->client = call.key_name;
  origin->session = request.Find("x-session-id");
  origin->request_id = call.request_id;
  origin->traceparent = TraceParent(request);
  origin->trace = context.shared().telemetry.Begin(origin->traceparent, context.engine().random());
  if (origin->trace.active()) {
    origin->traceparent = TraceParentOf(origin->trace, origin->trace.span);
  }
  return origin;
}

OriginPtr InBackground(const RequestOrigin& origin, AmongMany many) {
  const auto background = std::make_shared<RequestOrigin>(origin);
  background->call_class = CallClass::kBackground;
  background->order = std::move(many.order);
  background->finished = std::move(many.finished);
  return background;
}

std::string_view TraceParent(const http::Request& request) {
  const std::string_view value = request.Find("traceparent");
  constexpr std::size_t kSize = 55;  // 00-32 digits-16 digits-2 digits
  const bool shaped = value.size() == kSize && value[2] == '-' && value[35] == '-' &&
                      value[52] == '-' && IsHex(value.substr(0, 2)) && IsHex(value.substr(3, 32)) &&
                      IsHex(value.substr(36, 16)) && IsHex(value.substr(53));
  return shaped ? value : std::string_view();
}

Outcome OutcomeOf(const Error& error) {
  return error.code == ErrorCode::kCancelled ? Outcome::kCancelled : Outcome::kError;
}

}  // namespace moerge::api
