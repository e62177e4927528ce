#include "services/calls/retry_rules.h"

#include <algorithm>

namespace moerge {
namespace {

using Duration = RetryRules::Duration;

bool WorthAnotherTry(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kRateLimited;
}

Duration Backoff(const RetryRules& rules, int retry, double chance) {
  Duration full = rules.first_backoff;
  for (int i = 0; i < retry && full < rules.max_backoff; ++i) full *= 2;
  full = std::min(full, rules.max_backoff);
  return std::chrono::duration_cast<Duration>(full * (1 - 0.5 * chance));
}

int Informative(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
    case ErrorCode::kTooLarge: return 7;
    case ErrorCode::kRateLimited: return 6;
    case ErrorCode::kOverloaded: return 5;
    case ErrorCode::kTimeout: return 4;
    case ErrorCode::kUpstream: return 3;
    case ErrorCode::kUnavailable: return 2;
    default: return 1;
  }
}

}  // namespace

Reaction AfterFailure(const Failure& failure, const RetryRules& rules, double chance) {
  const ErrorCode code = failure.error.code;
  if (EndsRequest(code, failure.answer_begun, failure.left)) return {NextStep::kStop, {}};
  const bool again =
      failure.reached_expert && failure.retry < failure.max_retries && WorthAnotherTry(code);
  if (!again) return {NextStep::kNextExpert, {}};
  const Duration asked = failure.error.retry_after;
  // Its gate makes the next try wait for as long as the backend is to rest, if that is short.
  if (code == ErrorCode::kRateLimited) {
    const bool wait_for_it = failure.last_resort && asked == Duration::zero();
    return {wait_for_it ? NextStep::kRetry : NextStep::kNextExpert, {}};
  }
  if (asked > rules.max_retry_after) return {NextStep::kNextExpert, {}};
  const Duration wait = std::max(asked, Backoff(rules, failure.retry, chance));
  if (wait >= failure.left) return {NextStep::kNextExpert, {}};
  return {NextStep::kRetry, wait};
}

bool EndsRequest(ErrorCode code, bool answer_begun, Duration left) {
  return code == ErrorCode::kCancelled || answer_begun || left <= Duration::zero();
}

bool ShowsHealth(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kUpstream:
    case ErrorCode::kUnauthorized:
    case ErrorCode::kForbidden: return false;
    default: return true;
  }
}

bool IsMoreInformative(const Error& a, const Error& b) {
  return Informative(a.code) > Informative(b.code);
}

}  // namespace moerge
