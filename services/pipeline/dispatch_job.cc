#include "services/pipeline/dispatch_job.h"

#include <algorithm>
#include <string>
#include <utility>

#include "adapters/protocol.h"
#include "services/pipeline/no_expert.h"

namespace moerge {
namespace {

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

void Dispatcher::Job::SetCall(const ExpertEntry& expert) {
  call = {.body = request.body,
          .expert = Share(record.router->snapshot(), expert),
          .origin = request.origin,
          .last_resort = last_resort,
          .is_part = is_part,
          .deadline = scope.deadline,
          .time = record.decision.time,
          .prompt_tokens = request.route.prompt_tokens,
          .max_tokens = request.route.max_tokens};
}

bool Dispatcher::Job::SkipsAsTooSmall(const ExpertEntry& expert) {
  const int context = expert.spec.context;
  if (context <= 0 || context > exceeded_context) return false;
  site.trace.attempts.push_back(
      Attempt{.expert = expert.id,
              .outcome = AttemptOutcome::kSkipped,
              .error = "its context of " + std::to_string(context) +
                       " tokens is no larger than the one that the prompt has exceeded"});
  return true;
}

bool Dispatcher::Job::GoesOn(Error error) {
  const ErrorCode code = error.code;
  if (error.reason == kContextExceeded) {
    const std::int64_t said = site.trace.call_notes.context;
    const std::int64_t context = said > 0 ? said : std::int64_t{call.expert->spec.context};
    exceeded_context = std::max(exceeded_context, context);
  }
  const bool skipped = site.trace.attempts.back().outcome == AttemptOutcome::kSkipped;
  if (!skipped) error = AsSeenByClient(*call.expert, std::move(error));
  if (!most_informative_error || IsMoreInformative(error, *most_informative_error)) {
    most_informative_error = std::move(error);
  }
  return skipped || !EndsRequest(code, AnswerBegun(), scope.deadline.Left());
}

Error Dispatcher::Job::Failure() const { return FailureOf(most_informative_error, record, scope); }

Error AsSeenByClient(const ExpertEntry& expert, Error error) {
  const bool ours = error.code == ErrorCode::kUnauthorized || error.code == ErrorCode::kForbidden ||
                    error.code == ErrorCode::kNotFound;
  if (ours) {
    error.code = ErrorCode::kUpstream;
    error.reason = error.type = error.param = {};
    error.status = 0;
  }
  error.message = "expert `" + expert.spec.name + "`: " + error.message;
  return error;
}

Error FailureOf(const std::optional<Error>& error, const ChatRecord& record,
                const CallScope& scope) {
  if (scope.cancellation != nullptr && scope.cancellation->cancelled()) {
    return Error{ErrorCode::kCancelled, "the client closed its connection"};
  }
  if (!error) return NoExpertError(record.decision);
  if (scope.deadline.Passed() && error->code != ErrorCode::kCancelled) {
    return Error{
        .code = ErrorCode::kTimeout,
        .message = "deadline exceeded before any expert answered; last error: " + error->message,
        .detail = error->detail};
  }
  if (error->code != ErrorCode::kNoExpert) return *error;
  if (record.decision.policy.empty()) return DeclinedByName(*error);
  Error declined = NoExpertError(record.decision);
  declined.message.append(" What was asked: ").append(error->message).append(".");
  return declined;
}

}  // namespace moerge
