// `consult`: the roster's experts are consulted as specialists, then the generalist answers the
// client with what they say at hand, streamed as it comes. The generalist is not consulted itself.
// A specialist that fails is named in the prompt and in the reply's notes.
//
// Costs: a call for each specialist, and one whose prompt has their answers in it; where all fail
// the generalist answers alone. Options: author.expert (the generalist), answers.bytes. Cannot
// honour functions and `n` above 1.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class Consult final : public Aggregator {
 public:
  std::string_view name() const override { return "consult"; }
  std::string_view summary() const override {
    return "specialists are consulted, and the generalist answers";
  }
  Status Accepts(const ChatRequest& request) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
