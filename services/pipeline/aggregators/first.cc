#include "services/pipeline/aggregators/first.h"

#include "services/pipeline/dispatcher.h"

namespace moerge {

Status First::Accepts(const ChatRequest& request) const {
  if (!request.verifier) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message =
                   "answers of one expert stream straight through and are not checked; use a "
                   "policy with another aggregate, such as moerge/best_of",
               .param = "moerge.verify"};
}

Task<Result<ChatReply>> First::Answer(const Round& round) const {
  return round.dispatcher.Dispatch(round.request, round.stream, round.scope, round.record);
}

}  // namespace moerge
