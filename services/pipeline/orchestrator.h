// Where a chat request goes, from top to bottom: model -> signals -> decision -> dispatch ->
// aggregate -> answer. Its two halves, Decide and Answer, can be called by themselves.
//
// Owner: the event loop's Engine. Threads: that loop only. Errors are values, see Chat.
#pragma once

#include <functional>

#include "adapters/chat.h"
#include "adapters/http_client.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "router/router.h"
#include "services/calls/chat_request.h"
#include "services/calls/client_stream.h"
#include "services/pipeline/aggregator.h"
#include "services/pipeline/chat_record.h"
#include "services/pipeline/dispatcher.h"
#include "services/pipeline/model_choice.h"
#include "services/signals/signal_gatherer.h"

namespace moerge {

// A request whose roster is in record.decision: how the answers are to become one. Points into the
// snapshot of record.router.
struct Decided {
  ModelChoice choice;
  const Aggregator* aggregator = nullptr;
};

class Orchestrator {
 public:
  // `router` gives the one in force, for records that bring none. `signals` null: none are
  // gathered.
  Orchestrator(std::function<RouterPtr()> router, const Health& health, Dispatcher::Parts parts,
               SignalGatherer* signals = nullptr)
      : router_(std::move(router)), health_(health), dispatcher_(parts), signals_(signals) {}

  // Decide, then Answer. The answer; for a request that streams (`stream` not null) one without
  // JSON, since it has gone to `stream`. `record` tells the decision and the attempts, whatever
  // happens; it is filled as things happen, so that `stream` can read it when the first chunk
  // comes. What the outside told about the request is put into it.
  //
  // Errors: kNotFound (no such model; reason "model_not_found"), kNoExpert (nothing fits, or every
  // expert declined), otherwise the most informative error when all failed.
  Task<Result<ChatReply>> Chat(ChatRequest& request, ClientStream* stream, const CallScope& scope,
                               ChatRecord& record);

  // Decides which experts to ask, into record.decision. A roster may be empty. Lowers the request's
  // ceilings to the policy's. Errors: kNotFound and kInvalid as Chat.
  Task<Result<Decided>> Decide(ChatRequest& request, const CallScope& scope, ChatRecord& record);
  // The same from signals that were gathered earlier; null: there were none. By the policy that is
  // named, whatever is on trial for it.
  Result<Decided> DecideAgain(ChatRequest& request, std::shared_ptr<Signals> signals,
                              ChatRecord& record);
  // Asks them. REQUIRES: `decided` is what Decide gave for this request and record.
  Task<Result<ChatReply>> Answer(const Decided& decided, const ChatRequest& request,
                                 ClientStream* stream, const CallScope& scope, ChatRecord& record);

  Dispatcher& dispatcher() { return dispatcher_; }

 private:
  enum class Versions { kNamed, kOnTrialToo };
  Result<ModelChoice> Choose(ChatRequest& request, Versions versions, ChatRecord& record);
  bool Wants(const ModelChoice& choice, const ChatRequest& request) const;
  Task<void> Gather(const ModelChoice& choice, ChatRequest& request, const CallScope& scope,
                    ChatRecord& record);
  Result<Decided> Route(const ModelChoice& choice, const ChatRequest& request, ChatRecord& record);
  void Remember(const ModelChoice& choice, const ChatRequest& request, const ChatRecord& record);

  std::function<RouterPtr()> router_;
  const Health& health_;
  Dispatcher dispatcher_;
  SignalGatherer* signals_;
};

}  // namespace moerge
