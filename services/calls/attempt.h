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
  bool again = false;  // not made: it was an attempt of the same request, asked before
};

inline double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Time in which others were waited for: in which at least one stretch was under way. Stretches that
// overlap count once.
class WaitClock {
 public:
  using Clock = std::chrono::steady_clock;

  WaitClock() = default;
  // Its stretches are `whole`'s too, which outlives it.
  explicit WaitClock(WaitClock* whole) : whole_(whole) {}

  void Begin(Clock::time_point now = Clock::now()) {
    if (under_way_++ == 0) since_ = now;
    if (whole_ != nullptr) whole_->Begin(now);
  }
  // Ends one, and gives for how long one was under way without a break. REQUIRES: one is under way.
  Clock::duration End(Clock::time_point now = Clock::now()) {
    const Clock::duration stretch = now - since_;
    if (--under_way_ == 0) ended_ += stretch;
    if (whole_ != nullptr) whole_->End(now);
    return stretch;
  }

  int under_way() const { return under_way_; }
  Clock::duration ended() const { return ended_; }  // without what is under way
  Clock::duration Until(Clock::time_point now) const {
    return ended_ + (under_way_ > 0 ? now - since_ : Clock::duration{});
  }

 private:
  WaitClock* whole_ = nullptr;
  int under_way_ = 0;
  Clock::duration ended_{};
  Clock::time_point since_{};  // while one is under way
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
