// What happened to one chat request so far: the decision, every attempt, what it cost. Filled by
// the orchestrator and dispatcher while they work, read by whoever shapes the reply, keeps the
// decision and counts. Owner: the handler of the request. Threads: its event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "config/base/result.h"
#include "registry/ids.h"
#include "router/decision.h"
#include "router/router.h"
#include "router/signals.h"

namespace moerge {

enum class AttemptOutcome {
  kOk,
  kFailed,     // an error; the next try or expert follows
  kDeclined,   // a symbolic expert was not sure, or could not be asked
  kSkipped,    // not asked: over one of the request's ceilings
  kCancelled,  // the client left
};
std::string_view AttemptOutcomeName(AttemptOutcome outcome);  // "ok", "failed", "declined", ...

// One call of one expert.
struct Attempt {
  ExpertId expert{};
  AttemptOutcome outcome = AttemptOutcome::kOk;
  ErrorCode code = ErrorCode::kInternal;  // of kFailed
  std::string error = {};                 // why not kOk, in plain words
  std::string note = {};                  // of kOk: how a symbolic expert got there
  double ms = 0;
  int retry = 0;  // 0: the first try of this expert
};

// What one expert gave to an answer that several made.
struct Contribution {
  static constexpr std::size_t kKeptText = 4096;

  ExpertId expert{};
  std::string_view role = "answer";  // what it was asked for; lives for ever
  std::string text = {};             // of its reply, at most kKeptText bytes
  std::string answer = {};  // its final answer or verdict, as it was counted; empty: it states none
  double weight = 0;        // what that counts
  bool won = false;         // it is the winning answer
  std::string check = {};   // "passed", or why it failed; empty: nothing was checked
  Usage usage;
  double cost_usd = 0;
  double ms = 0;
};

inline double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

struct ChatRecord {
  using Clock = std::chrono::steady_clock;

  RouterPtr router;  // keeps the snapshot that `decision` speaks of
  Decision decision;
  std::vector<Attempt> attempts;
  const ExpertEntry* expert = nullptr;  // who is asked now or has answered
  bool answered = false;
  Usage usage;           // of the answer
  double cost_usd = 0;   // of the answer
  int signal_calls = 0;  // made to decide how to route
  // Of all calls but the answer's: those of routing, those of other experts of the roster.
  Usage aside_usage{.estimated = false};
  double aside_cost_usd = 0;
  std::int64_t calls = 0;  // of experts, begun; retries of one are one

  // Of aggregates that ask several.
  std::string_view aggregate;               // its name; empty: one expert answered by itself
  std::vector<Contribution> contributions;  // in the order in which they came in
  std::optional<double> answer_confidence;  // that the answer is right, 0..1; none: not known
  std::vector<std::string> notes;           // what else is worth knowing of how it came about
  // Why no more was asked: "calls", "tokens", "cost" or "time"; empty: nothing was left out.
  std::string_view limit;
  bool keep_answers = true;  // the policy wants contributions kept with their texts

  Clock::time_point begin = Clock::now();
  Clock::duration upstream{};         // waited for experts, finished attempts
  Clock::time_point waiting_since{};  // the attempt under way; zero: none
  Clock::time_point first_token{};    // streams: first chunk; zero: none yet

  // What the whole request took.
  Usage TotalUsage() const;
  double TotalCost() const { return cost_usd + aside_cost_usd; }
  bool CallsAside() const { return aside_usage.prompt_tokens + aside_usage.completion_tokens > 0; }
  void AddAside(const Usage& more, double cost);
  // The probability that the answer is right: as the aggregate sees it, 1 of a tool, else what is
  // expected of who answers. None: nothing is known.
  std::optional<double> Confidence() const;
  // `waiting_since` is when gathering began.
  void EndGathering(const Signals& signals);

  // Time in moerge itself: all but waiting for experts.
  Clock::duration Overhead(Clock::time_point now) const {
    const bool waiting = waiting_since != Clock::time_point{};
    return now - begin - upstream - (waiting ? now - waiting_since : Clock::duration{});
  }
};

}  // namespace moerge
