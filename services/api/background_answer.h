// One request of many, answered as background work. Threads: the context's event loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/api/chat_call.h"
#include "services/api/context.h"
#include "services/api/routes.h"
#include "services/calls/chat_request.h"
#include "services/jobs/batch_runner.h"

namespace moerge::api {

struct BackgroundAnswer {
  int status = 0;                    // what a request of its own would have been answered with
  std::string body;                  // JSON: the reply, or {error}
  std::vector<LineCall> calls = {};  // that were made for it
};

// A request as one of many.
struct OneOfMany {
  std::string body;
  AmongMany many = {};
  // What was decided of it with the others; null: it is routed by itself.
  std::shared_ptr<const AssignmentSignal> assignment = nullptr;
};

// A chat request. `call` says whose it is, until when and under which id; its decision is kept and
// counted as that of any request. Clients go first.
Task<BackgroundAnswer> AnswerInBackground(ApiContext& context, ApiCall& call, OneOfMany one);

// The same of what is passed through; `path` is below the backend's base URL: "/embeddings".
Task<BackgroundAnswer> ForwardInBackground(ApiContext& context, ApiCall& call,
                                           std::string_view path, OneOfMany one);

}  // namespace moerge::api
