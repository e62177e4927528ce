// One call for the sake of routing: through the backend's gate and breaker, within the deadline of
// the signal, noted as a SignalCall. Asked once: there are no retries, a signal that fails is done
// without.
//
// Owner: who gathers. Threads: one event loop.
#pragma once

#include <string>

#include "adapters/chat.h"
#include "adapters/protocol.h"
#include "registry/snapshot.h"
#include "router/signals.h"
#include "services/pipeline/backend_gates.h"
#include "services/pipeline/protocol_set.h"

namespace moerge {

class SignalCaller {
 public:
  // Both outlive the caller.
  SignalCaller(ProtocolSet& protocols, const BackendGates& gates)
      : protocols_(protocols), gates_(gates) {}

  struct Call {
    const ChatBody& body;
    const Expert& expert;  // whose `model` is asked for, at whose price
    const Backend& backend;
    std::string_view request_id;
    std::string_view traceparent;
  };
  // A chat completion. `note` gets outcome, tokens, time and cost; kind and target are the
  // caller's.
  Task<Result<ChatReply>> Chat(const Call& call, const CallScope& scope, SignalCall* note);
  // POST /embeddings; tokens are read from the reply.
  Task<Result<RawReply>> Embed(const Call& call, const CallScope& scope, SignalCall* note);

 private:
  template <class Reply, class Ask>
  Task<Result<Reply>> Through(const Call& call, const CallScope& scope, const Ask& ask,
                              SignalCall* note);

  ProtocolSet& protocols_;
  const BackendGates& gates_;
};

}  // namespace moerge
