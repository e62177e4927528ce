// `synthesize`: the experts of the roster answer by themselves, then one that has read all answers
// writes the one that the client gets, streamed as it comes (the aggregator of Symbolic-MoE, Chen
// et al. 2025). Hidden reasoning is left out of what it reads, long answers are cut fairly.
//
// Costs: a call for each seat, and one whose prompt has all answers in it. One answer alone is
// given as it is. If no expert can write, the best answer by vote is given. Options: author.expert,
// author.attribution, answers.*. Cannot honour functions and `n` above 1.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class Synthesize final : public Aggregator {
 public:
  std::string_view name() const override { return "synthesize"; }
  std::string_view summary() const override { return "one that has read all answers writes one"; }
  Status Accepts(const ChatRequest& request) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
