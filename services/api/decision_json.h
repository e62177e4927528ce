// A decision and what became of it as JSON, with names that stay: in the answer of /v1/route, in
// explained replies, in the store, on the command line. services/api/README.md lists the fields.
// Thread-safe, pure.
#pragma once

#include <string>
#include <string_view>

#include "config/base/json.h"
#include "config/base/result.h"
#include "services/api/request_metrics.h"
#include "services/pipeline/chat_record.h"

namespace moerge::api {

// Kept of the text that routing read, in bytes, so that the decision can be replayed.
inline constexpr std::size_t kKeptText = 8 << 10;

struct DecisionView {
  const ChatRecord& record;
  const RouteRequest& route;
  std::string_view model;  // as asked for
  std::string_view request_id = {};
  bool stream = false;
  Outcome outcome = Outcome::kOk;
  const Error* error = nullptr;
  bool keep_text = true;  // false: its length and hash alone
  ChatRecord::Clock::time_point now = ChatRecord::Clock::now();
};

// One complete object.
void AppendDecision(const DecisionView& view, std::string* out);

// The short object of a reply: expert, skill, confidence, policy, attempts, decision, overhead_ms;
// and signal_calls where some were made. `explanation` is what AppendDecision wrote, or empty.
void AppendSummary(const ChatRecord& record, ChatRecord::Clock::time_point now,
                   std::string_view explanation, std::string* out);

// The most probable skill; empty if there is none.
std::string_view TopSkill(const Decision& decision);
// "direct" for a decision that bypassed routing.
std::string_view PolicyName(const Decision& decision);
// Calls of experts so far, the one under way included.
int AttemptCount(const ChatRecord& record);
double OverheadMs(const ChatRecord& record, ChatRecord::Clock::time_point now);

}  // namespace moerge::api
