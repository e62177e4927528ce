// `refine`: several drafts are drawn, by the roster's experts in turn and so that drafts of one
// expert differ, then one that has read them answers, streamed as it comes (ensemble
// refinement of Med-PaLM 2, Singhal et al. 2023).
//
// Costs: a call for each draft, and one whose prompt has the drafts in it. Options: refine.drafts,
// refine.temperature, author.expert, answers.*. Cannot honour functions and `n` above 1.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class Refine final : public Aggregator {
 public:
  std::string_view name() const override { return "refine"; }
  std::string_view summary() const override {
    return "several drafts, then an answer by one that has read them";
  }
  Status Accepts(const ChatRequest& request) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
