// Whether one backend, or one model of it (backend_health.h), should be avoided for a while, judged
// by how the requests that were sent to it ended. Pure: time is a parameter. Not thread-safe; its
// owner locks.
//
// An outcome is one request's: all its tries of the backend count once, so that retries do not
// speed up the judgement. Each client has a say of its own: the share of failures is taken per
// client over its latest outcomes and averaged over clients, so that one client whose prompts break
// the expert does not speak for the others.
//
// Opens when, of at least kLeastOutcomes in the last kMemory, the failing share reaches
// kOpenAbove. While open it lets trials through: one after each pause; every success doubles how
// many may be under way, and after kTrialsToClose successes in a row it closes. A failed trial
// starts over, after a pause twice as long, at most kLongestPause. A trial that hangs does not keep
// the next from being made, so that a backend that is well again is found out within some seconds.
//
// Open means: prefer another expert. It never forbids a call: who has no other expert to ask calls
// as a last resort, so that no request fails because of the breaker.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

class Breaker {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr int kLeastOutcomes = 5;
  static constexpr double kOpenAbove = 0.6;
  static constexpr int kTrialsToClose = 3;
  static constexpr int kCredit = 8;
  static constexpr std::chrono::seconds kRecent{2};
  static constexpr std::chrono::seconds kMemory{10};
  static constexpr std::chrono::milliseconds kFirstPause{500};
  static constexpr std::chrono::milliseconds kLongestPause{2'000};

  enum class Answer { kPass, kTrial, kAvoid };

  // kTrial: EndTrial when that call is over, whether it was reported or not.
  Answer Admit(Clock::time_point now);
  void EndTrial();

  // How a request ended here; `client` tells requests of different clients apart, 0: unknown.
  // `reason` says what failed, for people; `sent`: when its last call was. True if the breaker
  // opened by it.
  bool Report(bool success, std::uint64_t client, std::string_view reason, Clock::time_point now,
              Clock::time_point sent);
  // Successes of the last kRecent that were not reported because the breaker was quiet. At most
  // kCredit of them count.
  void Credit(int successes) { credit_ = std::min(successes, kCredit); }
  // Opens at once: calls wait, and none has been answered for far longer than usual. True if it was
  // not open.
  bool Suspect(std::string_view reason, Clock::time_point now);

  bool open() const { return open_; }
  // Whether Admit would let a call through.
  bool Healthy(Clock::time_point now) const;
  // Whether most of its latest outcomes, of the last kMemory, are failures, however few they are;
  // while it is open: whether one was, and no success since.
  bool Fails(Clock::time_point now) const;
  // What opened it, and when; meaningless while it is closed.
  const std::string& reason() const { return reason_; }
  Clock::time_point since() const { return since_; }
  // How long until a trial may be made; at least 1 s, as advice to clients.
  std::chrono::seconds RetryAfter(Clock::time_point now) const;
  // Nothing to forget: a success would change nothing.
  bool quiet() const { return !open_ && !failed_; }
  // Nothing at all: nor has it closed of late, so that no failure can be old news.
  bool blank(Clock::time_point now) const { return quiet() && now - closed_ > kMemory; }

 private:
  static constexpr unsigned kOutcomes = 16;  // of one client
  static constexpr std::size_t kClients = 16;

  struct Tally {
    std::uint64_t client;
    Clock::time_point latest;
    std::uint32_t failures = 0;  // a bit each, the latest is the lowest
    unsigned count = 0;
  };

  Tally& TallyOf(std::uint64_t client, Clock::time_point now);
  void Count(bool success, std::uint64_t client, Clock::time_point now);
  bool TooManyFailures(Clock::time_point now, unsigned least) const;
  void Open(std::string_view reason, Clock::time_point now);
  void Close(Clock::time_point now);
  void EndedTrial(bool success, Clock::time_point now, Clock::time_point sent);

  std::vector<Tally> tallies_;
  int credit_ = 0;
  bool failed_ = false;  // a tally holds a failure
  bool open_ = false;
  int trials_ = 0;   // under way
  int allowed_ = 1;  // trials at a time
  int passed_ = 0;   // trials in a row
  std::string reason_;
  Clock::time_point since_{};
  Clock::time_point until_{};
  Clock::time_point last_trial_{};    // when it was let through
  Clock::time_point last_success_{};  // while open
  Clock::time_point last_failure_{};
  Clock::time_point closed_{};  // when it last was; failures of calls sent before are old news
  std::chrono::milliseconds pause_ = kFirstPause;
};

}  // namespace moerge
