#include "services/pipeline/chat_record.h"

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

Usage ChatRecord::TotalUsage() const {
  return Usage{.prompt_tokens = usage.prompt_tokens + signal_usage.prompt_tokens,
               .completion_tokens = usage.completion_tokens + signal_usage.completion_tokens,
               .estimated = usage.estimated || signal_usage.estimated};
}

void ChatRecord::EndGathering(const Signals& signals) {
  for (const SignalCall& call : signals.calls) {
    if (call.outcome != SignalOutcome::kCached) ++signal_calls;
    signal_usage.prompt_tokens += call.prompt_tokens;
    signal_usage.completion_tokens += call.completion_tokens;
    signal_usage.estimated |= call.estimated;
    signal_cost_usd += call.cost_usd;
  }
  upstream += Clock::now() - waiting_since;
  waiting_since = {};
}

}  // namespace moerge
