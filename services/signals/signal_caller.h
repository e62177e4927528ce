// One call for the sake of routing, through the ExpertCaller within the deadline of the signal and
// noted as a SignalCall. Asked once: a signal that fails is done without.
//
// Owner: the gatherer. Threads: one event loop.
#pragma once

#include <string>

#include "router/signals.h"
#include "services/calls/expert_caller.h"

namespace moerge {

// The expert that an encoder of embeddings is to the ExpertCaller: `model` at a backend of the
// snapshot, at no price.
ExpertPtr EncoderOf(const SnapshotPtr& snapshot, const Backend& backend, const std::string& model);

class SignalCaller {
 public:
  // The caller outlives this.
  explicit SignalCaller(ExpertCaller& caller) : caller_(caller) {}

  // What awaits a call; all of it outlives the call.
  struct Site {
    Ledger& ledger;
    Cancellation* cancellation = nullptr;  // may be null
  };
  // A chat completion. `note` gets outcome, tokens, time and cost; kind and target are the
  // caller's. REQUIRES, as for Embed: the call's purpose is kRouting.
  Task<Result<ChatReply>> Chat(const ExpertCall& call, const Site& site, SignalCall* note);
  // POST /embeddings; tokens are read from the reply.
  Task<Result<RawReply>> Embed(const ExpertCall& call, const Site& site, SignalCall* note);

 private:
  ExpertCaller& caller_;
};

}  // namespace moerge
