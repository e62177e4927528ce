// `race`: the roster's experts are asked for the same answer, all at once or each a while after the
// one before (hedged requests: Dean and Barroso, The Tail at Scale, 2013); the first good answer is
// given and the others' calls are aborted. Good: it says something, calls a function, and was not
// filtered. A stream is won by the first chunk and then goes straight through.
//
// Costs: the winner's answer and the prompts of all that were asked. With `race.hedge` 0.95 about
// one request in twenty asks a second expert. Options: race.hedge, race.hedge_ms. Honours every
// field.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class Race final : public Aggregator {
 public:
  std::string_view name() const override { return "race"; }
  std::string_view summary() const override {
    return "several at once or hedged; the first good answer wins";
  }
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
