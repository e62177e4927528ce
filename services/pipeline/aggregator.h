// How the experts of a roster give the one answer that a client gets: the `aggregate` of a policy.
//
// Stateless, made once; any thread may hold one, a Round belongs to its event loop. A new one is a
// file in aggregators/ and a line in aggregator.cc.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "adapters/chat.h"
#include "adapters/http_client.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "config/entities.h"
#include "services/calls/chat_request.h"
#include "services/calls/client_stream.h"
#include "services/pipeline/chat_record.h"

namespace moerge {

class Dispatcher;

// One request whose roster is decided and not yet asked. All of it outlives the answer.
struct Round {
  Dispatcher& dispatcher;
  const Policy& policy;
  const ChatRequest& request;
  ClientStream* stream;  // where the answer goes; null: it is wanted whole
  const CallScope& scope;
  ChatRecord& record;  // has the decision; gets attempts, answering expert, usage, cost, times
};

class Aggregator {
 public:
  virtual ~Aggregator() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view summary() const = 0;  // one line
  // Error: kInvalid, `param` is a field of the request that it cannot honour; says which can.
  virtual Status Accepts(const ChatRequest&) const { return Ok{}; }
  // How long a stream waits for its beginning before comments keep it alive; 0: none do. Refusals
  // that come at once still have a status of their own.
  virtual std::chrono::milliseconds KeepAliveDelay(const Policy&) const {
    return std::chrono::milliseconds(500);
  }
  // The answer, as Orchestrator::Chat gives it. REQUIRES: the request is accepted, the roster not
  // empty. Errors: kCancelled; kTimeout; kNoExpert; otherwise the most telling one of the experts'.
  virtual Task<Result<ChatReply>> Answer(const Round& round) const = 0;
};

std::span<const Aggregator* const> Aggregators();

// The one a policy names. Error: kInvalid, `param` is "aggregate", the text lists what there is.
Result<const Aggregator*> FindAggregator(const Policy& policy);

}  // namespace moerge
