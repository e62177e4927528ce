// What one request has spent and may still spend on experts: calls, tokens, money and time. A call
// reserves what it is expected to take before it is made and settles what it took afterwards, so
// that calls under way at once count against the ceilings too.
//
// Owner: the request's ChatRecord. Threads: the request's event loop. Pure but for the client's
// account, if there is one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "config/base/deadline.h"
#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

// What one request may take, all its calls together; 0: no ceiling. A call that is expected to
// exceed one is not made; answers that turn out longer than the request's max_tokens, or than a
// usual one where it has none, may still do so.
struct CallLimits {
  std::int64_t calls = 0;
  std::int64_t tokens = 0;  // of prompts and answers
  double cost_usd = 0;
  std::chrono::milliseconds time{0};  // from the request's begin on
};

// What calls took.
struct Spending {
  Usage usage{.estimated = false};
  double cost_usd = 0;

  void Add(const Spending& other);
  std::int64_t tokens() const { return usage.prompt_tokens + usage.completion_tokens; }
};

// What so many tokens cost at an expert's price; cached, pictures' and reasoning tokens at theirs.
Spending SpendingOf(const Price& price, const Usage& usage);

// What a call is expected to take.
struct CallEstimate {
  std::int64_t prompt_tokens = 0;
  std::int64_t max_tokens = 0;  // of the answer; 0: not bounded, its cost is that of a usual one
  Price price = {};

  Spending expected() const;
  Spending prompt() const;  // its prompt alone
};

// What a client may spend over all its requests. Shared by all event loops: any thread.
class ClientAccount {
 public:
  virtual ~ClientAccount() = default;
  // Error: kRateLimited, the client may not spend that; the message follows the expert's name.
  virtual Status Reserve(const Spending& expected) = 0;
  // `actual` in place of `before`, which was reserved or settled.
  virtual void Settle(const Spending& before, const Spending& actual) = 0;
};

class Ledger {
 public:
  using Clock = std::chrono::steady_clock;
  // A call's line in the ledger.
  enum class Entry : std::uint32_t {};

  Ledger() = default;
  // Gives back to the account what was reserved for calls that were never settled.
  ~Ledger() { Release(); }
  Ledger(Ledger&& other) noexcept = default;
  Ledger& operator=(Ledger&& other) noexcept;

  // REQUIRES: nothing was reserved yet. `account` may be null and outlives the ledger.
  void SetLimits(const CallLimits& limits, Clock::time_point begin,
                 ClientAccount* account = nullptr);
  // The request's deadline, or where its time is over before that.
  Deadline Within(Deadline deadline) const;

  // When what a call takes is charged to the account: as it is made, or it was before, when the
  // same request was asked for the first time. Then it stands against the ceilings alone.
  enum class Charge { kNow, kBefore };
  // For one call of an expert, which counts. Error: the ceiling that it would exceed, in words that
  // follow the expert's name; limit() says which from then on. Nothing is reserved then.
  Result<Entry> Reserve(const CallEstimate& estimate, Charge charge = Charge::kNow);
  // For a call that no ceiling refuses and that is none of the experts': what it takes counts
  // against the ceilings of those that follow.
  Entry ReserveUnlimited(const CallEstimate& estimate, Charge charge = Charge::kNow);
  // What it took, in place of what was reserved or of what was settled before.
  void Settle(Entry entry, const Spending& actual);
  // It was sent and its answer is no longer wanted: the prompt is paid for.
  void SettlePrompt(Entry entry);

  // Of calls that have ended; all of them, those but one, one alone.
  Spending Settled() const { return SettledBut({}); }
  Spending SettledBut(std::optional<Entry> left_out) const;
  // The same without those that were charged before.
  Spending ChargedBut(std::optional<Entry> left_out) const;
  const Spending& SettledBy(Entry entry) const { return At(entry).actual; }
  bool IsSettled(Entry entry) const { return At(entry).settled; }
  bool WasCharged(Entry entry) const { return At(entry).charged; }  // before

  std::int64_t calls() const { return calls_; }  // of experts, begun; retries of one are one
  std::int64_t charged_before() const { return charged_; }  // calls, of all kinds
  // Why no more was asked: "calls", "tokens", "cost", "time" or "client"; empty: nothing
  // was left out.
  std::string_view limit() const { return limit_; }
  // The request's time is over.
  void NoteTimeUp() { limit_ = "time"; }

 private:
  struct Line {
    CallEstimate reserved;
    Spending actual;
    bool counted = false;  // it is a call of an expert, the client's account knows of it
    bool settled = false;
    bool charged = false;  // before

    Spending stands() const;  // what it counts for
  };

  std::optional<std::string> Exceeds(const Spending& expected);
  Entry Add(const CallEstimate& estimate, bool counted, Charge charge);
  void Release();
  Spending Sum(std::optional<Entry> left_out, bool charged) const;
  const Line& At(Entry entry) const { return lines_[static_cast<std::size_t>(entry)]; }

  CallLimits limits_;
  Clock::time_point begin_{};
  struct NotOwned {
    void operator()(ClientAccount*) const {}
  };
  std::unique_ptr<ClientAccount, NotOwned> account_;  // none in a ledger that was moved from
  std::vector<Line> lines_;
  std::int64_t calls_ = 0;
  std::int64_t charged_ = 0;
  std::string_view limit_;
};

}  // namespace moerge
