#include "services/pipeline/chat_record.h"

#include <algorithm>
#include <utility>

namespace moerge {

void ChatRecord::NoteAnswer(const ExpertEntry& by, Ledger::Entry of) {
  expert = &by;
  answered = true;
  answer = of;
  const Spending& spent = ledger.SettledBy(of);
  usage = spent.usage;
  cost_usd = spent.cost_usd;
}

Spending ChatRecord::Charged() const {
  Spending total = ledger.ChargedBut(answer);
  if (!answer || !ledger.WasCharged(*answer)) total.Add({usage, cost_usd});
  return total;
}

std::optional<double> ChatRecord::Confidence() const {
  if (answer_confidence) return answer_confidence;
  if (!aggregate.empty() || expert == nullptr) return std::nullopt;
  if (expert->spec.kind == ExpertKind::kTool) return 1;
  const auto known = std::ranges::find(decision.candidates, expert->id, &Candidate::expert);
  if (known == decision.candidates.end()) return std::nullopt;
  return known->expected;
}

void ChatRecord::NoteOnce(std::string note) {
  if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
}

void ChatRecord::EndGathering(const Signals& signals) {
  for (const SignalCall& call : signals.calls) {
    if (call.outcome != SignalOutcome::kCached) ++signal_calls;
  }
  upstream.End();
}

}  // namespace moerge
