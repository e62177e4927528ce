// What follows a failed call: another try, the next expert, or the end. Pure; time and chance come
// in.
#pragma once

#include <chrono>

#include "config/base/result.h"

namespace moerge {

struct RetryRules {
  using Duration = std::chrono::steady_clock::duration;
  Duration first_backoff = std::chrono::milliseconds(50);  // doubles with every retry
  Duration max_backoff = std::chrono::seconds(2);
  Duration max_retry_after = std::chrono::seconds(10);  // an expert that asks for more is left
  // Many calls at once without a byte for so long, and for several times what is usual, are a sign;
  // the second where it is not known what is usual.
  Duration silence = std::chrono::seconds(2);
  Duration unmeasured_silence = std::chrono::seconds(30);
};

enum class NextStep { kRetry, kNextExpert, kStop };

struct Failure {
  const Error& error;
  bool reached_expert = true;  // false: its gate refused, there is no point in trying again
  int retry = 0;               // tries of this expert before this one
  int max_retries = 0;
  bool last_resort = true;                   // there is no other expert to ask
  bool answer_begun = false;                 // the client has seen a part of this expert's answer
  std::chrono::steady_clock::duration left;  // until the request's deadline
};

struct Reaction {
  NextStep step = NextStep::kStop;
  std::chrono::steady_clock::duration wait{};  // before the retry
};

// `chance` is uniform in [0, 1): full waits are cut by up to half, so that retries do not march in
// step.
Reaction AfterFailure(const Failure& failure, const RetryRules& rules, double chance);

// Whether no other expert may be asked either: the client has left or has seen a part of an answer,
// or the time is over.
bool EndsRequest(ErrorCode code, bool answer_begun, RetryRules::Duration left);

// Whether what failed is well all the same: a backend that is alive says no like any other answer;
// one that says nothing sensible is not well, nor is one that takes no request of ours.
bool ShowsHealth(ErrorCode code);

// Which of two failures says more to the client: true if `a` does. What the request itself got
// wrong comes before limits, limits before time, time before broken experts.
bool IsMoreInformative(const Error& a, const Error& b);

}  // namespace moerge
