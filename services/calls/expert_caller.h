// The one way to an expert behind a backend: ledger -> model's turn -> gate -> protocol -> report.
// An answer to a client, a vote, a judgement, a bid, an embedding and what is passed through all go
// this way. A call that fails is tried again on the same expert as retry_rules.h says; what else is
// asked then is its caller's affair.
//
// Owner: the Engine, one per event loop. Threads: that loop only; gates, latencies and turns
// are shared by all loops. No wait outlasts the call's deadline. An exception below a call is a
// failed attempt (kInternal) and says nothing about the backend.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/chat.h"
#include "adapters/protocol.h"
#include "config/base/cancellation.h"
#include "config/base/random.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "registry/latency.h"
#include "services/calls/attempt.h"
#include "services/calls/backend_gates.h"
#include "services/calls/client_stream.h"
#include "services/calls/expert_call.h"
#include "services/calls/ledger.h"
#include "services/calls/model_turns.h"
#include "services/calls/protocol_set.h"
#include "services/calls/retry_rules.h"
#include "services/calls/silent_calls.h"

namespace moerge {

// What awaits a call. All of it outlives the call; two calls at once have two traces.
struct CallSite {
  Ledger& ledger;
  CallTrace& trace;
  Cancellation* cancellation = nullptr;  // may be null

  bool cancelled() const { return cancellation != nullptr && cancellation->cancelled(); }
};

class ExpertCaller {
 public:
  // All of them outlive the caller.
  struct Parts {
    ProtocolSet& protocols;
    const BackendGates& gates;
    Random& random;
    RetryRules rules = {};
    LatencyTable* latencies = nullptr;  // gets the time of every answer; null: not measured
    ModelTurns* turns = nullptr;        // null: all models are taken to be loaded
  };
  explicit ExpertCaller(const Parts& parts) : parts_(parts) {}

  // REQUIRES, of all: the expert has a backend; `call` outlives the task. What calls took is
  // settled when they end: nothing for those that failed, and whatever had been settled before for
  // those that were cancelled (see Ledger::SettlePrompt). Errors: what a ceiling of the ledger says
  // of the expert by name (kNoExpert), noted as a skipped attempt; kCancelled; else those of the
  // gate and the protocol.
  Task<Result<ChatReply>> Chat(const ExpertCall& call, const CallSite& site);
  // The answer goes to `stream`; a stream that ends without any is an error (kUpstream). The reply
  // has no JSON.
  Task<Result<ChatReply>> Stream(const ExpertCall& call, ClientStream& stream,
                                 const CallSite& site);
  // POSTs the body to `path` below the backend's base URL.
  Task<Result<RawReply>> Forward(const ExpertCall& call, std::string_view path,
                                 const CallSite& site);
  Task<Result<StreamSummary>> ForwardStream(const ExpertCall& call, std::string_view path,
                                            ClientStream& stream, const CallSite& site);

  // The first step alone, for an expert that is no backend's: site.trace.entry is to be settled.
  static Status Reserve(const ExpertCall& call, const CallSite& site,
                        Ledger::Charge charge = Ledger::Charge::kNow);

  // Whether other experts should be asked before this one: most calls of its backend or of its
  // model fail, or its limit of rate is reached.
  bool IsAvoided(const ExpertEntry& expert) const {
    if (expert.backend == nullptr) return false;
    const Gate& gate = parts_.gates.For(expert.backend->name);
    return !gate.Healthy(expert.spec.model) || gate.Rests(expert.spec.model);
  }
  // Whether most calls of its backend or of its model fail, be a trial due or not.
  bool IsOpen(const ExpertEntry& expert) const {
    return parts_.gates.For(expert.backend->name).Open(expert.spec.model);
  }
  // Whether its context has room for the prompt, as far as its refusals tell.
  bool HasRoom(const ExpertEntry& expert, std::int64_t prompt_tokens) const {
    if (expert.backend == nullptr) return true;
    return parts_.gates.contexts().HasRoom(expert.backend->name, expert.spec.model, prompt_tokens);
  }
  // Whether another expert may be asked after one whose backend was reached and failed; takes it
  // from what all requests together may repeat.
  bool MayAskAnother() const { return parts_.gates.budget().Take(); }

  // How long experts take; null: not measured.
  const LatencyTable* latencies() const { return parts_.latencies; }

 private:
  // So many times what is usual is far longer than usual.
  static constexpr double kTimesUsual = 5;

  class TimedSink;
  class WaitTeller;
  struct Try;
  struct ChatAsk;
  struct StreamAsk;
  struct ForwardAsk;
  struct ForwardStreamAsk;

  template <class Reply, class Ask>
  Task<Result<Reply>> Run(const ExpertCall& call, CallSite site, Ask ask);
  template <class Reply, class Ask>
  Task<Result<Reply>> RunKept(const ExpertCall& call, CallSite site, Ask ask);
  template <class Reply>
  static Result<Reply> GiveKept(const ExpertCall& call, const CallSite& site, Reply reply,
                                const FinishedCalls::Kept& kept);
  void BeginSpan(const RequestOrigin& origin, Try* once);
  template <class Reply, class Ask>
  Task<Result<Reply>> Once(const ExpertCall& call, const CallSite& site, Ask& ask, Try* once);
  Task<Status> WaitForTurn(const ExpertCall& call, const CallScope& scope, ClientStream* stream,
                           Try* once) const;
  Reaction After(const ExpertCall& call, const Error& error, const Try& once, int retry);
  void NoteLatency(const ExpertCall& call, const Try& once) const;
  void ReportFailure(const ExpertCall& call, const CallSite& site, const Error& error,
                     const Try& once) const;
  void AdviseWaiting(const ExpertCall& call, const Try& once, Error* error) const;
  void ReportSuccess(const ExpertCall& call) const;
  std::chrono::milliseconds PatienceOf(const ExpertCall& call) const;
  double TrialMs(const ExpertCall& call, double usual) const;
  void SuspectIfStuck(const ExpertCall& call);
  static bool GaveUp(const Error& error, const Try& once);
  static double SilentMs(const ExpertCall& call, const Try& once);

  Parts parts_;
  std::unordered_map<std::string, SilentCalls> silent_;  // by backend
};

}  // namespace moerge
