// One chat request of many, answered as background work. Threads: the context's event loop.
#pragma once

#include <string>

#include "services/api/context.h"
#include "services/api/routes.h"
#include "services/jobs/batch_runner.h"

namespace moerge::api {

struct BackgroundAnswer {
  int status = 0;    // what a request of its own would have been answered with
  std::string body;  // JSON: the reply, or {error}
};

// `call` says whose it is, until when and under which id; its decision is kept and counted as that
// of any request. Clients go first.
Task<BackgroundAnswer> AnswerInBackground(ApiContext& context, ApiCall& call, std::string body);

// One line of a batch, which no client waits for; for as long as server.request_timeout.
Task<LineResult> AnswerLine(ApiContext& context, const LineRequest& request,
                            Cancellation& cancellation);

}  // namespace moerge::api
