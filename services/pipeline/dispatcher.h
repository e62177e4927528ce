// Asks experts one after the other until one answers; symbolic ones answer here, all others through
// the ExpertCaller.
//
// Owner: the Orchestrator. Threads: one event loop. What follows a failure is decided in
// retry_rules.h; this acts on it. No wait outlasts the scope's deadline.
#pragma once

#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "adapters/http_client.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "registry/snapshot.h"
#include "services/calls/backend_trials.h"
#include "services/calls/chat_request.h"
#include "services/calls/client_stream.h"
#include "services/calls/expert_caller.h"
#include "services/pipeline/chat_record.h"
#include "services/pipeline/tool_set.h"

namespace moerge {

class VerifierRunner;

// Of a moment, since 1970.
std::int64_t UnixSeconds(WallTime time);

class Dispatcher {
 public:
  // All of them outlive the dispatcher.
  struct Parts {
    ExpertCaller& caller;
    const ToolSet& tools;
    VerifierRunner* verifiers = nullptr;  // checks answers; null: nothing does
    // Of backends that fail, so that no client has to; null: clients' calls are the trials.
    BackendTrials* trials = nullptr;
  };
  explicit Dispatcher(const Parts& parts) : parts_(parts) {}

  // Asks the experts of record.decision's roster, then its fallbacks, until one has answered. With
  // `stream` the answer goes there, and once it has begun no other expert is asked. Attempts,
  // expert, usage and times go to `record`.
  // Errors: kCancelled; kTimeout; kNoExpert (every expert declined); otherwise the most informative
  // one.
  Task<Result<ChatReply>> Dispatch(const ChatRequest& request, ClientStream* stream,
                                   const CallScope& scope, ChatRecord& record);
  // Asks this one alone, with its retries, for a part of `record`'s answer. What happens goes to
  // `trace`, which may be the record's. `stream` null: whole. Errors: as Dispatch.
  Task<Result<ChatReply>> Ask(const ChatRequest& request, const ExpertEntry& expert,
                              ClientStream* stream, const CallScope& scope, ChatRecord& record,
                              CallTrace& trace);

  // How long experts take; null: not measured.
  const LatencyTable* latencies() const { return parts_.caller.latencies(); }
  VerifierRunner* verifiers() const { return parts_.verifiers; }

  // What is passed through as it is, to the one expert of record.decision.
  struct ForwardRequest {
    ChatBodyPtr body;
    std::string_view path;  // below the backend's base URL: "/embeddings"
    OriginPtr origin;
  };
  Task<Result<RawReply>> Forward(const ForwardRequest& request, const CallScope& scope,
                                 ChatRecord& record);
  // The same for a body that asks for a stream, which goes to `stream`.
  Task<Result<StreamSummary>> ForwardStream(const ForwardRequest& request, ClientStream& stream,
                                            const CallScope& scope, ChatRecord& record);

 private:
  struct Job;
  bool IsAvoided(const ExpertEntry& expert) const;
  void TryAvoided(Job& job, const std::vector<const ExpertEntry*>& avoided);
  Task<Result<ChatReply>> AskOne(Job& job, const ExpertEntry& expert);
  Task<Result<ChatReply>> AskTool(Job& job);
  Task<Result<ChatReply>> GiveTool(Job& job, std::string_view text);
  Result<ToolReply> Compute(const Job& job) const;

  Parts parts_;
};

}  // namespace moerge
