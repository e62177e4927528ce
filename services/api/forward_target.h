// Who gets a request that is passed through (/v1/embeddings and /v1/completions), and what is
// recorded of one, whether it came over HTTP or from a batch. Threads: the call's event loop.
#pragma once

#include <string_view>

#include "config/base/json.h"
#include "config/base/result.h"
#include "registry/snapshot.h"
#include "services/api/chat_call.h"

namespace moerge::api {

// The expert that the field `model` names. Errors: kInvalid and kNotFound, with the field. Pure.
Result<const ExpertEntry*> ForwardTarget(const Snapshot& snapshot, json::Value model);
// The same of the call's own snapshot, if its key may use that expert. Errors: kForbidden too.
Result<const ExpertEntry*> ForwardTarget(const ApiCall& call, json::Value model);

struct PassedOn {
  const ExpertEntry& expert;
  std::string_view path;   // "/embeddings" or "/completions"
  std::string_view model;  // as asked for
  bool stream = false;
  OriginPtr origin;
};

// Fills a fresh record and gives what follows it. Views into the arguments, which must outlive it.
// No ceiling holds: what such a request takes is known afterwards alone.
RoutedCall BeginForward(ApiContext& context, ApiCall& call, const RouteRequest& route,
                        PassedOn passed, ChatRecord* record);

}  // namespace moerge::api
