// Where a chat request goes from top to bottom: router -> decision -> dispatch -> answer.
//
// Owner: the event loop's ApiContext. Threads: that loop only. Errors are values, see Chat.
#pragma once

#include <functional>

#include "adapters/chat.h"
#include "adapters/http_client.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "router/router.h"
#include "services/pipeline/backend_gates.h"
#include "services/pipeline/chat_record.h"
#include "services/pipeline/chat_request.h"
#include "services/pipeline/client_stream.h"
#include "services/pipeline/dispatcher.h"

namespace moerge {

class Orchestrator {
 public:
  // `router` gives the one in force, again for every request.
  Orchestrator(std::function<RouterPtr()> router, const Health& health, Random& random,
               Dispatcher dispatcher);

  // The answer, or for a request that streams (`stream` not null) its summary in an answer without
  // text. `record` tells the decision and the attempts, whatever happens; it is filled as things
  // happen, so that `stream` can read it when the first chunk comes.
  //
  // Errors: kNotFound (no such model; reason "model_not_found"), kNoExpert (nothing fits, or every
  // expert declined), and the most telling one of the experts' when all failed.
  Task<Result<ChatReply>> Chat(const ChatRequest& request, ClientStream* stream,
                               const CallScope& scope, ChatRecord& record);

  // The first half alone: who would be asked. Same errors, but none for experts.
  Status Decide(const ChatRequest& request, ChatRecord& record);

 private:
  std::function<RouterPtr()> router_;
  const Health& health_;
  Random& random_;
  Dispatcher dispatcher_;
};

}  // namespace moerge
