// What one key has taken and may still take: requests and tokens by the minute, requests at once,
// money by the day and month. Shared by all event loops: any thread; a short lock each.
//
// Of several processes on one store each counts requests, tokens and requests at once by itself.
// Money is what the store says that all of them spent, looked up every kLookEvery, and what this
// process has spent or reserved since.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "config/base/result.h"
#include "config/entities.h"
#include "services/access/rate_bucket.h"
#include "services/calls/ledger.h"

namespace moerge {

class KeyAccount final : public ClientAccount {
 public:
  using Clock = std::chrono::steady_clock;
  using WallTime = std::chrono::system_clock::time_point;

  static constexpr std::chrono::seconds kLookEvery{10};
  // Reasons of its errors, all kRateLimited with retry_after; OpenAI's where that has one.
  static constexpr const char* kTooFast = "rate_limit_exceeded";
  static constexpr const char* kTooMany = "concurrency_limit_exceeded";
  static constexpr const char* kNoMoney = "insufficient_quota";

  explicit KeyAccount(std::string name) : name_(std::move(name)) {}

  // A request begins; Leave when it has ended. `key` says what it may take from here on.
  Status Enter(const ApiKey& key, Clock::time_point now);
  void Leave();
  // The same for one that no client waits for: it takes no place among those at once.
  Status EnterBackground(const ApiKey& key, Clock::time_point now);
  // Whether so many tokens are left. They are taken as calls are made.
  Status MayTake(std::int64_t tokens, Clock::time_point now);

  // Of the experts' calls.
  Status Reserve(const Spending& expected) override;
  void Settle(const Spending& before, const Spending& actual) override;

  // What is left by the minute. limit 0: not limited.
  struct Quota {
    std::int64_t limit = 0;
    std::int64_t remaining = 0;
    Clock::duration reset{};  // until all of it is there again
  };
  struct Quotas {
    Quota requests;
    Quota tokens;
    int in_flight = 0;
  };
  Quotas Left(Clock::time_point now);

  // What was spent, of the day and month of `when`.
  struct Spent {
    WallTime when = {};
    double day_usd = 0;
    double month_usd = 0;
  };
  // Whether the store is to be asked what was spent; whoever is told so asks and calls NoteSpent.
  bool WantsSpent(const ApiKey& key, Clock::time_point now);
  void NoteSpent(const Spent& stored);
  Spent SpentBy(WallTime now);
  // Whether NoteSpent was called: until then SpentBy knows of this process alone.
  bool knows_spent();

 private:
  void SetLimits(const KeyLimits& limits);  // mutex_ held, here and below
  void TurnTo(WallTime now);
  Status Afford(double usd, WallTime now);
  Status TakeRequest(Clock::time_point now);

  const std::string name_;
  std::mutex mutex_;
  KeyLimits limits_;
  RateBucket requests_;
  RateBucket tokens_;
  int in_flight_ = 0;
  std::int64_t day_ = 0;  // since 1970
  int month_ = 0;         // since year 0
  double day_usd_ = 0;    // spent and reserved
  double month_usd_ = 0;
  double reserved_usd_ = 0;
  bool known_ = false;
  Clock::time_point looked_{};
};

// The accounts of all keys by name. Any thread.
class KeyAccounts {
 public:
  // Made when first asked for.
  std::shared_ptr<KeyAccount> For(const std::string& name);
  // Null: nothing was counted for it yet.
  std::shared_ptr<KeyAccount> Find(const std::string& name);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<KeyAccount>> accounts_;
};

// A request's place in its key's account, if it has one. Gives it back at the end.
class KeyPlace {
 public:
  KeyPlace() = default;
  explicit KeyPlace(std::shared_ptr<KeyAccount> account) : account_(std::move(account)) {}
  KeyPlace(KeyPlace&& other) noexcept : account_(std::exchange(other.account_, nullptr)) {}
  KeyPlace& operator=(KeyPlace&& other) noexcept {
    std::swap(account_, other.account_);
    return *this;
  }
  ~KeyPlace() {
    if (account_ != nullptr) account_->Leave();
  }

 private:
  std::shared_ptr<KeyAccount> account_;
};

}  // namespace moerge
