#include "services/pipeline/chat_record.h"

#include <algorithm>

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
  return Usage{.prompt_tokens = usage.prompt_tokens + aside_usage.prompt_tokens,
               .completion_tokens = usage.completion_tokens + aside_usage.completion_tokens,
               .estimated = usage.estimated || aside_usage.estimated};
}

void ChatRecord::AddAside(const Usage& more, double cost) {
  aside_usage.prompt_tokens += more.prompt_tokens;
  aside_usage.completion_tokens += more.completion_tokens;
  aside_usage.estimated |= more.estimated;
  aside_cost_usd += cost;
}

std::optional<double> ChatRecord::Confidence() const {
  if (answer_confidence) return answer_confidence;
  if (!aggregate.empty() || expert == nullptr) return std::nullopt;
  if (expert->spec.kind == ExpertKind::kTool) return 1;
  const auto known = std::ranges::find(decision.candidates, expert->id, &Candidate::expert);
  if (known == decision.candidates.end()) return std::nullopt;
  return known->expected;
}

void ChatRecord::EndGathering(const Signals& signals) {
  for (const SignalCall& call : signals.calls) {
    if (call.outcome != SignalOutcome::kCached) ++signal_calls;
    AddAside({call.prompt_tokens, call.completion_tokens, call.estimated}, call.cost_usd);
  }
  upstream += Clock::now() - waiting_since;
  waiting_since = {};
}

}  // namespace moerge
