// `best_of`: the experts of the roster answer, and a scorer picks one of the answers: agreement
// with the others (self-consistency), a judge's score for each, or a knock-out of pairs with
// positions swapped.
//
// Costs: a call for each seat; with `judge` one for each answer and judge, with `pairwise` two for
// each further answer and judge. A scorer that says nothing leaves the choice to weights.
// Options: best_of.scorer, judge.*, answers.*. Calls of functions are compared by agreement. Cannot
// honour `n` above 1.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class BestOf final : public Aggregator {
 public:
  std::string_view name() const override { return "best_of"; }
  std::string_view summary() const override {
    return "agreement, a judge or a knock-out of pairs picks one of the answers";
  }
  Status Accepts(const ChatRequest& request) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
