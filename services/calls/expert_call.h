// One call of one expert as a value: it owns or shares all that it needs, so that it may wait, move
// and outlive whoever made it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/chat.h"
#include "adapters/gate.h"
#include "config/base/deadline.h"
#include "registry/snapshot.h"
#include "services/calls/finished_calls.h"
#include "services/calls/serving_order.h"
#include "services/telemetry/trace_context.h"

namespace moerge {

// Where a request comes from. Shared by all its calls.
struct RequestOrigin {
  std::string client = {};   // name of its API key; empty: open access
  std::string session = {};  // the header x-session-id; empty: none
  std::string request_id = {};
  std::string traceparent = {};                    // passed on; may be empty
  TraceContext trace = {};                         // where spans are sent
  CallClass call_class = CallClass::kInteractive;  // of all its calls
  ServingOrderPtr order = nullptr;                 // that of many requests; null: there is none
  FinishedCallsPtr finished = nullptr;             // of its calls; null: none is kept
};
using OriginPtr = std::shared_ptr<const RequestOrigin>;
// Of what moerge asks by itself.
const OriginPtr& NoOrigin();

// An expert with the snapshot that it is of.
using ExpertPtr = std::shared_ptr<const ExpertEntry>;
inline ExpertPtr Share(const SnapshotPtr& snapshot, const ExpertEntry& expert) {
  return {snapshot, &expert};
}

// As its backend's gate knows it.
inline ModelAtBackend ModelOf(const ExpertEntry& expert) {
  return {.name = expert.spec.model, .among_others = expert.among_others};
}

enum class CallPurpose {
  // An answer, or what one is made of: counts against the request's ceilings, is tried again, its
  // time is measured.
  kAnswer,
  // Decides how to route: no ceiling refuses it; tried once.
  kRouting,
  // Passed through as it is: no ceiling refuses it; tried again.
  kForward,
};

struct ExpertCall {
  ChatBodyPtr body;
  ExpertPtr expert;
  OriginPtr origin = NoOrigin();
  CallPurpose purpose = CallPurpose::kAnswer;
  CallClass call_class = CallClass::kInteractive;
  // No other expert is left to ask, so that its backend is called even where most calls fail there.
  bool last_resort = true;
  // One of several for one answer, which is not there when this has finished.
  bool is_part = false;
  // Made by moerge to find out whether the backend is well again (backend_trials.h): tried once,
  // and nobody waits for it.
  bool is_trial = false;
  Deadline deadline = Deadline::Never();
  WallTime time = {};  // of the request
  // Of the prompt, estimated; and what the answer may have, 0: not bounded.
  std::int64_t prompt_tokens = 0;
  std::int64_t max_tokens = 0;

  // Its own, or that of the request that it is made for.
  bool background() const {
    return call_class == CallClass::kBackground || origin->call_class == CallClass::kBackground;
  }
  // Whether its reply is kept where those of its request are.
  bool is_kept() const {
    return origin->finished != nullptr && (is_part || purpose == CallPurpose::kRouting);
  }
  // Of its expert in the order that many requests are served in.
  int place() const {
    return origin->order == nullptr ? ServingOrder::kNoPlace : origin->order->PlaceOf(expert->id);
  }
};

// What is asked of whom, which makes a call the same as another one. `path` below the base URL;
// empty: chat. REQUIRES: its expert has a backend.
std::string AskedBy(const ExpertCall& call, std::string_view path);

}  // namespace moerge
