#include "services/access/key_account.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace moerge {
namespace {

using namespace std::chrono;

std::int64_t DayNumber(system_clock::time_point time) {
  return floor<days>(time).time_since_epoch().count();
}

int MonthNumber(system_clock::time_point time) {
  const year_month_day date(floor<days>(time));
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month()));
}

seconds UntilNextDay(system_clock::time_point now) {
  return ceil<seconds>(floor<days>(now) + days(1) - now);
}

seconds UntilNextMonth(system_clock::time_point now) {
  const year_month_day date(floor<days>(now));
  const sys_days next{(date.year() / date.month() + months(1)) / 1};
  return ceil<seconds>(next - now);
}

std::string UsdText(double usd) {
  char text[48];
  std::snprintf(text, sizeof text, "%.6g USD", usd);
  return text;
}

Error Limited(const char* reason, std::string message, KeyAccount::Clock::duration wait) {
  Error error{.code = ErrorCode::kRateLimited, .message = std::move(message), .reason = reason};
  error.retry_after = std::max(ceil<seconds>(wait), seconds(1));
  return error;
}

KeyAccount::Quota QuotaOf(RateBucket& bucket, KeyAccount::Clock::time_point now) {
  const double level = std::floor(std::max(bucket.Level(now), 0.0));
  return {static_cast<std::int64_t>(bucket.capacity()), static_cast<std::int64_t>(level),
          bucket.Until(bucket.capacity(), now)};
}

}  // namespace

void KeyAccount::SetLimits(const KeyLimits& limits) {
  if (limits == limits_) return;
  limits_ = limits;
  requests_.Resize(static_cast<double>(limits.requests_per_minute));
  tokens_.Resize(static_cast<double>(limits.tokens_per_minute));
}

void KeyAccount::TurnTo(WallTime now) {
  const std::int64_t day = DayNumber(now);
  if (day == day_) return;
  day_ = day;
  day_usd_ = reserved_usd_;
  const int month = MonthNumber(now);
  if (month == month_) return;
  month_ = month;
  month_usd_ = reserved_usd_;
}

// A budget is exceeded by what would go beyond it, and by nothing at all once it is spent.
Status KeyAccount::Afford(double usd, WallTime now) {
  TurnTo(now);
  const auto refuse = [&](const char* span, double budget, double spent, seconds wait) {
    return Limited(kNoMoney,
                   "would exceed the " + std::string(span) + " budget of the key `" + name_ +
                       "`: of " + UsdText(budget) + ", " + UsdText(std::max(budget - spent, 0.0)) +
                       " are left",
                   wait);
  };
  const auto exceeds = [usd](double budget, double spent) {
    return budget > 0 && (spent >= budget || spent + usd > budget);
  };
  if (exceeds(limits_.budget_usd_day, day_usd_)) {
    return refuse("daily", limits_.budget_usd_day, day_usd_, UntilNextDay(now));
  }
  if (exceeds(limits_.budget_usd_month, month_usd_)) {
    return refuse("monthly", limits_.budget_usd_month, month_usd_, UntilNextMonth(now));
  }
  return Ok{};
}

Status KeyAccount::TakeRequest(Clock::time_point now) {
  if (limits_.budget_usd_day > 0 || limits_.budget_usd_month > 0) {
    Status can = Afford(0, system_clock::now());
    if (!can) {
      Error error = std::move(can).error();
      error.message = "the request " + error.message;
      return error;
    }
  }
  if (limits_.tokens_per_minute > 0 && tokens_.Level(now) < 1) {
    return Limited(kTooFast,
                   "the key `" + name_ + "` has taken its " +
                       std::to_string(limits_.tokens_per_minute) + " tokens of this minute",
                   tokens_.Until(1, now));
  }
  if (limits_.requests_per_minute <= 0) return Ok{};
  if (requests_.Level(now) < 1) {
    return Limited(kTooFast,
                   "the key `" + name_ + "` may make " +
                       std::to_string(limits_.requests_per_minute) + " requests a minute",
                   requests_.Until(1, now));
  }
  requests_.Take(1, now);
  return Ok{};
}

Status KeyAccount::Enter(const ApiKey& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  SetLimits(key.limits);
  const int most = limits_.concurrent_requests;
  if (most > 0 && in_flight_ >= most) {
    return Limited(kTooMany,
                   "the key `" + name_ + "` may have " + std::to_string(most) +
                       (most == 1 ? " request" : " requests") + " under way at once",
                   seconds(1));
  }
  if (Status taken = TakeRequest(now); !taken) return taken;
  ++in_flight_;
  return Ok{};
}

void KeyAccount::Leave() {
  const std::lock_guard lock(mutex_);
  --in_flight_;
}

Status KeyAccount::EnterBackground(const ApiKey& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  SetLimits(key.limits);
  return TakeRequest(now);
}

Status KeyAccount::MayTake(std::int64_t tokens, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const std::int64_t most = limits_.tokens_per_minute;
  const auto wanted = static_cast<double>(tokens);
  if (most <= 0 || tokens_.Level(now) >= wanted) return Ok{};
  if (tokens > most) {
    Error error{.code = ErrorCode::kInvalid,
                .message = "the request may take about " + std::to_string(tokens) +
                           " tokens (its prompt and `max_tokens`); the key `" + name_ +
                           "` may take " + std::to_string(most) + " a minute",
                .reason = "tokens_limit_exceeded"};
    return error;
  }
  return Limited(kTooFast,
                 "the request may take about " + std::to_string(tokens) + " tokens; of the " +
                     std::to_string(most) + " a minute of the key `" + name_ + "` fewer are left",
                 tokens_.Until(wanted, now));
}

Status KeyAccount::Reserve(const Spending& expected) {
  const std::lock_guard lock(mutex_);
  if (limits_.budget_usd_day > 0 || limits_.budget_usd_month > 0) {
    if (Status can = Afford(expected.cost_usd, system_clock::now()); !can) return can;
  }
  day_usd_ += expected.cost_usd;
  month_usd_ += expected.cost_usd;
  reserved_usd_ += expected.cost_usd;
  if (limits_.tokens_per_minute > 0) {
    tokens_.Take(static_cast<double>(expected.tokens()), Clock::now());
  }
  return Ok{};
}

void KeyAccount::Settle(const Spending& before, const Spending& actual) {
  const std::lock_guard lock(mutex_);
  TurnTo(system_clock::now());
  const double more = actual.cost_usd - before.cost_usd;
  day_usd_ = std::max(day_usd_ + more, 0.0);
  month_usd_ = std::max(month_usd_ + more, 0.0);
  reserved_usd_ = std::max(reserved_usd_ - before.cost_usd, 0.0);
  if (limits_.tokens_per_minute > 0) {
    tokens_.Take(static_cast<double>(actual.tokens() - before.tokens()), Clock::now());
  }
}

KeyAccount::Quotas KeyAccount::Left(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Quotas left{.requests = {}, .tokens = {}, .in_flight = in_flight_};
  if (limits_.requests_per_minute > 0) left.requests = QuotaOf(requests_, now);
  if (limits_.tokens_per_minute > 0) left.tokens = QuotaOf(tokens_, now);
  return left;
}

bool KeyAccount::WantsSpent(const ApiKey& key, Clock::time_point now) {
  if (key.limits.budget_usd_day <= 0 && key.limits.budget_usd_month <= 0) return false;
  const std::lock_guard lock(mutex_);
  if (looked_ != Clock::time_point{} && now - looked_ < kLookEvery) return false;
  looked_ = now;
  return true;
}

void KeyAccount::NoteSpent(const Spent& stored) {
  const std::lock_guard lock(mutex_);
  TurnTo(system_clock::now());
  const auto take = [this](double stored_usd, double* usd) {
    // What this process has spent is in the store a moment later; until then the greater is right.
    *usd = known_ ? std::max(*usd, stored_usd + reserved_usd_) : *usd + stored_usd;
  };
  if (DayNumber(stored.when) == day_) take(stored.day_usd, &day_usd_);
  if (MonthNumber(stored.when) == month_) take(stored.month_usd, &month_usd_);
  known_ = true;
}

KeyAccount::Spent KeyAccount::SpentBy(WallTime now) {
  const std::lock_guard lock(mutex_);
  TurnTo(now);
  return {now, day_usd_, month_usd_};
}

bool KeyAccount::knows_spent() {
  const std::lock_guard lock(mutex_);
  return known_;
}

std::shared_ptr<KeyAccount> KeyAccounts::For(const std::string& name) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<KeyAccount>& account = accounts_[name];
  if (account == nullptr) account = std::make_shared<KeyAccount>(name);
  return account;
}

std::shared_ptr<KeyAccount> KeyAccounts::Find(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto at = accounts_.find(name);
  return at == accounts_.end() ? nullptr : at->second;
}

}  // namespace moerge
