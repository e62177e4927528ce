#include "services/pipeline/aggregators/first.h"

#include "services/pipeline/dispatcher.h"

namespace moerge {

Task<Result<ChatReply>> First::Answer(const Round& round) const {
  return round.dispatcher.Dispatch(round.request, round.stream, round.scope, round.record);
}

}  // namespace moerge
