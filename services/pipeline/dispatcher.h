// Asks experts one after the other until one answers: retries on the same expert, then the next
// one.
//
// Owner: the Orchestrator. Threads: one event loop. What follows a failure is decided in
// retry_rules.h; this acts on it. No wait outlasts the scope's deadline.
#pragma once

#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "adapters/http_client.h"
#include "config/base/random.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "registry/latency.h"
#include "registry/snapshot.h"
#include "services/pipeline/backend_gates.h"
#include "services/pipeline/chat_record.h"
#include "services/pipeline/chat_request.h"
#include "services/pipeline/client_stream.h"
#include "services/pipeline/protocol_set.h"
#include "services/pipeline/retry_rules.h"
#include "services/pipeline/tool_set.h"

namespace moerge {

class VerifierRunner;

// Of a moment, since 1970.
std::int64_t UnixSeconds(WallTime time);

class Dispatcher {
 public:
  // All of them outlive the dispatcher.
  struct Parts {
    ProtocolSet& protocols;
    const BackendGates& gates;
    const ToolSet& tools;
    Random& random;
    RetryRules rules = {};
    LatencyTable* latencies = nullptr;    // gets the time of every answer; null: nobody does
    VerifierRunner* verifiers = nullptr;  // checks answers; null: nobody does
  };
  explicit Dispatcher(const Parts& parts) : parts_(parts) {}

  // Asks the experts of record.decision's roster, then its fallbacks, until one has answered. With
  // `stream` the answer goes there, and once it has begun nobody else is asked. Attempts, expert,
  // usage and times go to `record`.
  // Errors: kCancelled; kTimeout; kNoExpert (every expert declined); otherwise the most telling
  // one.
  Task<Result<ChatReply>> Dispatch(const ChatRequest& request, ClientStream* stream,
                                   const CallScope& scope, ChatRecord& record);
  // Asks this one alone, with its retries. `stream` null: whole. Errors: as Dispatch.
  Task<Result<ChatReply>> Ask(const ChatRequest& request, const ExpertEntry& expert,
                              ClientStream* stream, const CallScope& scope, ChatRecord& record);

  // How long experts take; null: nobody measures it.
  const LatencyTable* latencies() const { return parts_.latencies; }
  VerifierRunner* verifiers() const { return parts_.verifiers; }

  // What is passed through as it is, to the one expert of record.decision.
  struct ForwardRequest {
    const ChatBody& body;
    std::string_view path;  // below the backend's base URL: "/embeddings"
    std::string_view request_id;
    std::string_view traceparent;
  };
  Task<Result<RawReply>> Forward(const ForwardRequest& request, const CallScope& scope,
                                 ChatRecord& record);
  // The same for a body that asks for a stream, which goes to `stream`.
  Task<Result<StreamSummary>> ForwardStream(const ForwardRequest& request, ClientStream& stream,
                                            const CallScope& scope, ChatRecord& record);

 private:
  struct Job;
  Task<Result<ChatReply>> AskOne(Job& job, const ExpertEntry& expert);
  Task<Result<ChatReply>> AskTool(Job& job, const ExpertEntry& expert);
  template <class Reply, class Call>
  Task<Result<Reply>> WithRetries(Job& job, const ExpertEntry& expert, Call call);
  template <class Reply, class Call>
  Task<Result<Reply>> Once(Job& job, const ExpertEntry& expert, const Call& call, bool* reached);

  Parts parts_;
};

}  // namespace moerge
