// `vote`: the experts of the roster answer by themselves, each final answer counts its seat's
// weight, and the winner's reply is returned whole (the weighted plurality of Symbolic-MoE, Chen et
// al. 2025).
//
// Experts are asked in the roster's order, no more of them at a time than could decide the vote if
// they agreed, and no further one once those left cannot change it (or its confidence is reached):
// calls under way are aborted then. One that fails gives its seat to the next fallback. A tool that
// answers is exact and asked alone, first. Replies without a readable answer cast no vote; if none
// has one the strongest reply is returned. The client of a stream gets comments while it waits,
// then the winner's text.
//
// Calls of functions are answers too: equal ones are those with equal names and arguments.
//
// Numeric answers may be combined by median or mean (vote.numbers); then every expert is asked.
//
// Options: vote.confidence, vote.gain, vote.at_once, vote.numbers; answers.*. Cannot honour `n`
// above 1.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class Vote final : public Aggregator {
 public:
  std::string_view name() const override { return "vote"; }
  std::string_view summary() const override {
    return "the roster's final answers are counted by weight; the winner's reply is returned";
  }
  Status Accepts(const ChatRequest& request) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
