// `panel`: the nominal group technique over real experts' answers (Multi-expert Prompting, Long et
// al. 2024): a chair names the agreed, the conflicting and the isolated viewpoints, resolves
// conflicts and merges all into one answer; then judges choose the best among the merged and the
// individual answers, so that a merge that made things worse is not given.
//
// Costs: a call for each seat, the chair's, and one for each judge. The viewpoints stand in the
// reply's notes. A chair that gives nothing usable leaves the choice among the individual answers.
// Options: author.expert (the chair), judge.*, answers.*. Cannot honour functions, `n` above 1,
// `logprobs`, `response_format` and verifiers.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class PanelDiscussion final : public Aggregator {
 public:
  std::string_view name() const override { return "panel"; }
  std::string_view summary() const override {
    return "viewpoints are merged; judges choose among the merged and the individual answers";
  }
  Status Accepts(const ChatRequest& request) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
