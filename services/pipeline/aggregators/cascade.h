// `cascade`: the cheapest adequate expert first, expensive ones only if the answer so far is not
// sure enough (FrugalGPT, Chen et al. 2023; AutoMix, Madaan et al. 2024; see router/vote/cascade.h
// for the order and the stopping rule). What tells: agreement of final answers, the reply's own
// token probabilities (`cascade.logprob_weight`). Roster and fallbacks take part.
//
// Costs: one call where the cheapest will do, at most `cascade.max`. Where nothing about a reply
// tells whether it is right, as with free texts, one expert is asked: the cheapest that is expected
// to be good enough; its answer streams straight through. Options: cascade.*, answers.*. Calls of
// functions are compared too. Cannot honour `n` above 1.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class Cascade final : public Aggregator {
 public:
  std::string_view name() const override { return "cascade"; }
  std::string_view summary() const override {
    return "the cheapest adequate expert first, expensive ones while it is not sure enough";
  }
  Status Accepts(const ChatRequest& request) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
