#include "services/pipeline/dispatch_job.h"

#include <cstdio>

#include "router/profile/price.h"
#include "services/pipeline/no_expert.h"

namespace moerge {
namespace {

using Clock = ChatRecord::Clock;

std::string Dollars(double amount) {
  char text[48];
  std::snprintf(text, sizeof text, "%.6g USD", amount);
  return text;
}

// The client has named the one expert that may answer.
Error DeclinedByName(const Error& declined) {
  return Error{.code = ErrorCode::kInvalid,
               .message = declined.message + ". With the model `auto` other experts are asked.",
               .param = "model",
               .reason = "declined"};
}

}  // namespace

std::size_t Dispatcher::Job::LineLength() const {
  return record.decision.roster.size() + record.decision.fallbacks.size();
}

const ExpertEntry* Dispatcher::Job::InLine(std::size_t place) const {
  const Decision& decision = record.decision;
  const std::size_t seats = decision.roster.size();
  const ExpertId id =
      place < seats ? decision.roster[place].expert : decision.fallbacks[place - seats];
  return record.router->snapshot()->FindExpert(id);
}

bool Dispatcher::Job::MayAsk(const ExpertEntry& expert) {
  std::string_view which;
  std::optional<std::string> why = Exceeds(expert, &which);
  if (!why) {
    ++record.calls;
    return true;
  }
  record.limit = which;
  Remember(Error{.code = ErrorCode::kNoExpert, .message = expert.spec.name + " " + *why});
  record.attempts.push_back(
      Attempt{.expert = expert.id, .outcome = AttemptOutcome::kSkipped, .error = *std::move(why)});
  return false;
}

std::optional<std::string> Dispatcher::Job::Exceeds(const ExpertEntry& expert,
                                                    std::string_view* which) const {
  const CallLimits& limits = request->limits;
  const RouteRequest& route = request->route;
  if (limits.calls > 0 && record.calls >= limits.calls) {
    *which = "calls";
    return "would be one call too many, the request allows " + std::to_string(limits.calls);
  }
  const Usage spent = record.TotalUsage();
  const std::int64_t tokens =
      spent.prompt_tokens + spent.completion_tokens + route.prompt_tokens + route.max_tokens;
  if (limits.tokens > 0 && tokens > limits.tokens) {
    *which = "tokens";
    return "would take the request to about " + std::to_string(tokens) + " tokens, it allows " +
           std::to_string(limits.tokens);
  }
  const double cost =
      record.TotalCost() + EstimatedCost(expert.spec.price, route.prompt_tokens, route.max_tokens);
  if (limits.cost_usd > 0 && cost > limits.cost_usd) {
    *which = "cost";
    return "would cost about " + Dollars(cost) + ", the request allows " + Dollars(limits.cost_usd);
  }
  return std::nullopt;
}

void Dispatcher::Job::BeginAttempt() { record.waiting_since = Clock::now(); }

void Dispatcher::Job::EndAttempt(const ExpertEntry& expert, int retry, const Error* error) {
  ended = Clock::now();
  const Clock::duration spent = ended - record.waiting_since;
  record.waiting_since = {};
  record.upstream += spent;
  Attempt attempt{.expert = expert.id, .ms = Milliseconds(spent), .retry = retry};
  if (error != nullptr) {
    const bool left = error->code == ErrorCode::kCancelled;
    attempt.outcome = left ? AttemptOutcome::kCancelled : AttemptOutcome::kFailed;
    attempt.code = error->code;
    attempt.error = error->message;
  }
  record.attempts.push_back(std::move(attempt));
}

void Dispatcher::Job::NoteTool(const ExpertEntry& expert, AttemptOutcome outcome, std::string error,
                               std::string note) {
  EndAttempt(expert, 0, nullptr);
  Attempt& attempt = record.attempts.back();
  attempt.outcome = outcome;
  attempt.error = std::move(error);
  attempt.note = std::move(note);
}

void Dispatcher::Job::NoteLatency(const ExpertEntry& expert, LatencyTable* latencies) const {
  if (latencies == nullptr || request == nullptr) return;
  const bool streamed = record.first_token > sent;
  latencies->Add(expert.id, {.ms = Milliseconds(ended - sent),
                             .first_ms = streamed ? Milliseconds(record.first_token - sent) : 0,
                             .when = record.decision.time});
}

void Dispatcher::Job::NoteAnswer(const ExpertEntry& expert, const Usage& usage) {
  record.answered = true;
  record.usage = usage;
  record.cost_usd = CostOf(expert.spec.price, usage.prompt_tokens, usage.completion_tokens);
}

void Dispatcher::Job::Remember(Error error) {
  if (!worst || MoreTelling(error, *worst)) worst = std::move(error);
}

Error Dispatcher::Job::Failure() const {
  if (Cancelled()) return Error{ErrorCode::kCancelled, "the client closed its connection"};
  if (!worst) return NoExpertError(record.decision);
  if (scope.deadline.Passed() && worst->code != ErrorCode::kCancelled) {
    return Error{
        .code = ErrorCode::kTimeout,
        .message = "deadline exceeded before any expert answered; last error: " + worst->message,
        .detail = worst->detail};
  }
  if (worst->code != ErrorCode::kNoExpert) return *worst;
  if (record.decision.policy.empty()) return DeclinedByName(*worst);
  Error declined = NoExpertError(record.decision);
  declined.message.append(" What was asked: ").append(worst->message).append(".");
  return declined;
}

}  // namespace moerge
