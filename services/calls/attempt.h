// What happened to calls of experts while they were made: tries, and the time waited for experts.
// Owner: whoever awaits the calls. Threads: its event loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "config/base/result.h"
#include "registry/ids.h"
#include "services/calls/ledger.h"

namespace moerge {

enum class AttemptOutcome {
  kOk,
  kFailed,     // an error; the next try or expert follows
  kDeclined,   // a symbolic expert was not sure, or could not be asked
  kSkipped,    // not asked: over one of the request's ceilings
  kCancelled,  // the client left
};
std::string_view AttemptOutcomeName(AttemptOutcome outcome);  // "ok", "failed", "declined", ...

// One try of one expert.
struct Attempt {
  ExpertId expert{};
  AttemptOutcome outcome = AttemptOutcome::kOk;
  ErrorCode code = ErrorCode::kInternal;  // of kFailed
  std::string error = {};                 // why not kOk, in plain words
  std::string note = {};  // how a symbolic expert got there; what was left out or mended
  double ms = 0;
  int retry = 0;                                  // 0: the first try of this expert
  std::chrono::steady_clock::time_point begin{};  // zero: nothing was sent
  std::uint64_t span = 0;                         // of the request's trace; 0: none is kept
};

inline double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Time waited for others, in stretches of which one may be under way.
class WaitClock {
 public:
  using Clock = std::chrono::steady_clock;

  // REQUIRES: none is under way.
  void Begin(Clock::time_point now = Clock::now()) { since_ = now; }
  // Ends the stretch under way and gives its length.
  Clock::duration End(Clock::time_point now = Clock::now()) {
    const Clock::duration stretch = now - since_;
    since_ = {};
    ended_ += stretch;
    return stretch;
  }
  void Add(Clock::duration more) { ended_ += more; }

  bool running() const { return since_ != Clock::time_point{}; }
  Clock::duration ended() const { return ended_; }  // stretches that are over
  Clock::duration Until(Clock::time_point now) const {
    return ended_ + (running() ? now - since_ : Clock::duration{});
  }

 private:
  Clock::duration ended_{};
  Clock::time_point since_{};
};

struct CallTrace {
  std::vector<Attempt> attempts;
  WaitClock upstream;                  // waited for experts
  std::optional<Ledger::Entry> entry;  // of the latest call that was made
  bool reached = false;                // the latest try was sent to its backend
  AnswerNotes call_notes;              // of the latest try

  // A try that began when the clock did. `error` null: it was answered.
  void EndAttempt(ExpertId expert, int retry, const Error* error);
};

}  // namespace moerge
