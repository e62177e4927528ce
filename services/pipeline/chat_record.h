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
#include "services/calls/attempt.h"
#include "services/calls/ledger.h"

namespace moerge {

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

struct ChatRecord : CallTrace {
  using Clock = std::chrono::steady_clock;

  RouterPtr router;  // keeps the snapshot that `decision` speaks of
  Decision decision;
  const ExpertEntry* expert = nullptr;  // the one asked now, or that has answered
  bool answered = false;
  Ledger ledger;                        // of the whole request
  std::optional<Ledger::Entry> answer;  // the call that gave the answer; none: no call did yet
  Usage usage;                          // of the answer
  double cost_usd = 0;                  // of the answer
  int signal_calls = 0;                 // made to decide how to route

  // Of aggregates that ask several.
  std::string_view aggregate;               // its name; empty: one expert answered by itself
  std::vector<Contribution> contributions;  // in the order in which they came in
  std::optional<double> answer_confidence;  // that the answer is right, 0..1; none: not known
  std::vector<std::string> notes;           // what else is worth knowing of how it came about
  bool keep_answers = true;                 // the policy wants contributions kept with their texts

  Clock::time_point begin = Clock::now();
  Clock::time_point first_token{};  // streams: first chunk; zero: none yet

  // The call of this entry has given the answer of the request.
  void NoteAnswer(const ExpertEntry& by, Ledger::Entry of);

  // Of all calls that have ended but the answer's: those of routing, those of other experts.
  Spending OtherCalls() const { return ledger.SettledBut(answer); }
  // What the whole request took.
  double TotalCost() const { return cost_usd + OtherCalls().cost_usd; }
  // The same without what was charged when the same request was asked before: what is counted.
  Spending Charged() const;
  // The probability that the answer is right: as the aggregate sees it, 1 of a tool, else what is
  // expected of the one that answers. None: nothing is known.
  std::optional<double> Confidence() const;
  // Adds a note, if it is not there.
  void NoteOnce(std::string note);
  // The signals' time is the one that `upstream` runs for.
  void EndGathering(const Signals& signals);

  // Time in moerge itself: in which no expert was asked, nor was anything that routing goes by.
  Clock::duration Overhead(Clock::time_point now) const {
    return now - begin - upstream.Until(now);
  }
};

}  // namespace moerge
