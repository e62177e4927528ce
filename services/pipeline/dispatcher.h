// Asks experts one after the other until one answers: retries on the same expert, then the next one.
//
// Owner: the Orchestrator. Threads: one event loop. What to do after a failure is decided in
// retry_rules.h; this only acts. Waits never outlast the scope's deadline.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "adapters/chat.h"
#include "adapters/http_client.h"
#include "config/base/random.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "registry/snapshot.h"
#include "services/pipeline/backend_gates.h"
#include "services/pipeline/chat_record.h"
#include "services/pipeline/chat_request.h"
#include "services/pipeline/client_stream.h"
#include "services/pipeline/protocol_set.h"
#include "services/pipeline/retry_rules.h"
#include "services/pipeline/tool_set.h"

namespace moerge {

class Dispatcher {
 public:
  // All of them outlive the dispatcher.
  struct Parts {
    ProtocolSet& protocols;
    const BackendGates& gates;
    const ToolSet& tools;
    Random& random;
    RetryRules rules = {};
  };
  explicit Dispatcher(Parts parts) : parts_(parts) {}

  // Asks record.decision's roster, then its fallbacks. With `stream` the answer goes there, and once
  // it has begun no other expert is asked. Attempts, expert and times go to `record`.
  // Errors: kCancelled; kTimeout; kNoExpert (every expert declined); otherwise the most telling one.
  Task<Result<ChatReply>> Dispatch(const ChatRequest& request, ClientStream* stream,
                                   const CallScope& scope, ChatRecord& record);

  // One expert with a backend, with retries: for what is passed through as it is.
  using Call = std::function<Task<Status>(ProtocolClient& client, const ChatCall& call)>;

 private:
  struct Job;
  Task<Result<ChatReply>> AskExpert(Job& job, const ExpertEntry& expert);
  Task<Result<ChatReply>> AskBackend(Job& job, const ExpertEntry& expert);
  Task<Result<ChatReply>> CallOnce(Job& job, const ExpertEntry& expert);
  Task<Result<ChatReply>> AskTool(Job& job, const ExpertEntry& expert);

  Parts parts_;
};

}  // namespace moerge
