// `first`: the answer of the first expert in the roster's order that gives one; no other is asked.
// It streams straight through, so that nothing can be checked: a verifier is refused. A client
// whose stream has not begun after `stream.comment_ms` gets comments while it waits; until then an
// error has a status of its own.
#pragma once

#include "services/pipeline/aggregator.h"

namespace moerge {

class First final : public Aggregator {
 public:
  std::string_view name() const override { return "first"; }
  std::string_view summary() const override {
    return "one expert after another until one answers; straight through";
  }
  Status Accepts(const ChatRequest& request) const override;
  std::chrono::milliseconds KeepAliveDelay(const Policy& policy) const override;
  Task<Result<ChatReply>> Answer(const Round& round) const override;
};

}  // namespace moerge
