// `debate`: the first two experts of the roster answer; where their final answers differ each reads
// the other's and holds to its own or gives in, for some rounds, and a judge chooses (Khan et al.
// 2024: debate with more persuasive models leads to more truthful answers). Judges are asked twice
// with positions swapped, and a verdict that depends on the order does not count.
//
// Costs: two calls where both agree at once; otherwise two for each round and two for each judge.
// The transcript is the decision's `answers`. Without a verdict the expert with more weight wins.
// Options: debate.rounds, judge.*, answers.*. Cannot honour functions and `n` above 1.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class Debate final : public Aggregator {
 public:
  std::string_view name() const override { return "debate"; }
  std::string_view summary() const override {
    return "two argue where they differ, and a judge decides";
  }
  Status Accepts(const ChatRequest& request) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
