// What every handler that asks experts does around the asking: headers that say what was decided,
// the decision kept in the store, the counters, the log line. Threads: the call's event loop.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/base/hash.h"
#include "config/base/result.h"
#include "services/api/context.h"
#include "services/api/decision_json.h"
#include "services/api/routes.h"
#include "services/calls/chat_request.h"
#include "services/pipeline/chat_record.h"

namespace moerge::api {

// One request to experts as its handler knows it.
struct RoutedCall {
  ApiContext& context;
  ApiCall& call;
  const RouteRequest& route;
  std::string_view model;
  bool stream = false;
  const ChatRecord& record;
  OriginPtr origin = NoOrigin();
  std::string_view operation = "chat";  // as telemetry calls it

  // x-moerge-expert, -skill, -confidence, -policy, -attempts, -overhead-ms, -decision. Nothing
  // before there is a decision. REQUIRES: no reply was begun.
  void SetHeaders() const;
  // The whole decision as it stands.
  std::string DecisionJson(Outcome outcome, const Error* error) const;
  // At the end: keeps the decision (in the background), counts, notes for the log. `error` may be
  // null.
  void Finish(Outcome outcome, const Error* error) const;

 private:
  DecisionView View(Outcome outcome, const Error* error) const;
  void SendSpans(Outcome outcome, const Error* error, ChatRecord::Clock::time_point now) const;
};

// Views into the request and the record, which must outlive it.
RoutedCall RoutedCallOf(ApiContext& context, ApiCall& call, const ChatRequest& request,
                        const ChatRecord& record);

// Says where a parsed request comes from: ids, the caller's key, its conversation; and gives it a
// seed.
void SetOrigin(ApiContext& context, const ApiCall& call, ChatRequest* request);

// What a request shares with the many that it is one of; null: nothing.
struct AmongMany {
  ServingOrderPtr order = nullptr;      // in which they are served
  FinishedCallsPtr finished = nullptr;  // its calls, if it was asked before
};
// The same request as background work: clients go first.
OriginPtr InBackground(const RequestOrigin& origin, AmongMany many);
// One of many is routed the same way each time that it is.
inline std::uint64_t SeedOfOne(std::string_view request_id) { return Hash64(request_id); }

// The same of what is passed through.
OriginPtr OriginOf(ApiContext& context, const ApiCall& call);

// The W3C header if it is one, else empty; it is passed on to experts.
std::string_view TraceParent(const http::Request& request);

// Of an error that ended a request.
Outcome OutcomeOf(const Error& error);

}  // namespace moerge::api
