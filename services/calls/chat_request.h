// One chat request as the pipeline sees it: what the client sent, checked, and what routing reads.
// Made by services/api, or by moerge itself for another expert. A value that owns or shares all it
// speaks of; the views of `route` point into `body` and `joined_texts`.
#pragma once

#include <forward_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/chat.h"
#include "router/request.h"
#include "services/calls/expert_call.h"
#include "services/calls/ledger.h"
#include "services/verify/verifier.h"

namespace moerge {

struct AssignmentSignal;  // router/signals.h

struct ChatRequest {
  ChatBodyPtr body;
  std::string model;   // "auto", "moerge/NAME" or an expert's name
  std::string policy;  // of the `moerge` object; replaces the one that "auto" means
  RouteRequest route;
  std::forward_list<std::string>
      joined_texts;  // turns of several parts, which route.text points to
  bool stream = false;
  bool include_usage = false;  // stream_options
  bool explain = false;        // the reply shall carry the whole decision
  bool ask_signals = true;     // routing may ask the outside first, if the policy wants that
  bool progress = false;       // the stream tells of experts' calls too
  // What was decided of it together with others; null: it is routed by itself.
  std::shared_ptr<const AssignmentSignal> assignment;
  CallLimits limits;
  ClientAccount* account = nullptr;  // of its client; outlives the request; null: there is none
  std::optional<Verifier> verifier;  // what the client says a good answer is
  // Why symbolic experts are not asked: they see the last user turn alone; lives for ever. Empty:
  // they may be.
  std::string_view not_for_tools;
  OriginPtr origin = NoOrigin();
};

}  // namespace moerge
