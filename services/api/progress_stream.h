// How far something is, as a stream of events named `progress`, one whenever it has changed.
#pragma once

#include <functional>
#include <string>

#include "config/base/result.h"
#include "config/base/task.h"
#include "services/api/context.h"
#include "services/api/routes.h"

namespace moerge::api {

struct ProgressState {
  std::string json;
  bool over = false;
};
using LookAtProgress = std::function<Task<Result<ProgressState>>()>;

// From `state` on. Ends with `data: [DONE]` when it is over; without, at the request's deadline, or
// when the server stops: clients ask again then.
Task<void> StreamProgress(ApiContext& context, ApiCall& call, ProgressState state,
                          LookAtProgress look);

}  // namespace moerge::api
