#include "services/pipeline/aggregators/first.h"

#include "config/policy_options.h"
#include "services/pipeline/dispatcher.h"
#include "services/pipeline/refusals.h"

namespace moerge {

Status First::Accepts(const ChatRequest& request) const {
  return RefuseVerifier(request,
                        "answers of one expert stream straight through and are not checked");
}

std::chrono::milliseconds First::KeepAliveDelay(const Policy& policy) const {
  return policy.options->stream_comment_ms;
}

Task<Result<ChatReply>> First::Answer(const Round& round) const {
  return round.dispatcher.Dispatch(round.request, round.stream, round.scope, round.record);
}

}  // namespace moerge
