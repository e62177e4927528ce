// `layers`: Mixture-of-Agents (Wang et al. 2024). The roster's experts answer, in every further
// layer they answer again having read the layer before, and one writes the answer of the last
// layer's, streamed as it comes. With `layers.review` they first rank each other's answers without
// names, and the writer reads the mean ranks too (a council with a chair).
//
// Costs: a call for each seat and layer, one for each seat's review, and one that writes. An expert
// that fails in a later layer keeps its answer of the layer before.
// Options: layers.depth, layers.review, author.*, answers.*. Cannot honour functions and `n`
// above 1.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class Layers final : public Aggregator {
 public:
  std::string_view name() const override { return "layers"; }
  std::string_view summary() const override {
    return "experts answer again having read each other, and one concludes";
  }
  Status Accepts(const ChatRequest& request) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
