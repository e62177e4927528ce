#include "services/calls/attempt.h"

#include <utility>

#include "config/base/text.h"

namespace moerge {

std::string_view AttemptOutcomeName(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::kOk: return "ok";
    case AttemptOutcome::kFailed: return "failed";
    case AttemptOutcome::kDeclined: return "declined";
    case AttemptOutcome::kSkipped: return "skipped";
    case AttemptOutcome::kCancelled: return "cancelled";
  }
  return "failed";
}

void CallTrace::EndAttempt(ExpertId expert, int retry, const Error* error) {
  const auto now = WaitClock::Clock::now();
  const auto took = upstream.End(now);
  Attempt attempt{.expert = expert, .ms = Milliseconds(took), .retry = retry, .begin = now - took};
  attempt.note = Join(call_notes.told, "; ");
  const std::string mended = Join(call_notes.mended, "; ");
  if (!mended.empty()) attempt.note.append(attempt.note.empty() ? "" : "; ").append(mended);
  if (error != nullptr) {
    const bool left = error->code == ErrorCode::kCancelled;
    attempt.outcome = left ? AttemptOutcome::kCancelled : AttemptOutcome::kFailed;
    attempt.code = error->code;
    attempt.error = error->message;
  }
  attempts.push_back(std::move(attempt));
}

}  // namespace moerge
