#include "services/calls/ledger.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "router/profile/price.h"

namespace moerge {
namespace {

std::string DollarText(double amount) {
  char text[48];
  std::snprintf(text, sizeof text, "%.6g USD", amount);
  return text;
}

}  // namespace

void Spending::Add(const Spending& other) {
  usage.prompt_tokens += other.usage.prompt_tokens;
  usage.completion_tokens += other.usage.completion_tokens;
  usage.estimated |= other.usage.estimated;
  usage.cached_tokens += other.usage.cached_tokens;
  usage.reasoning_tokens += other.usage.reasoning_tokens;
  usage.image_tokens += other.usage.image_tokens;
  usage.audio_tokens += other.usage.audio_tokens;
  usage.audio_output_tokens += other.usage.audio_output_tokens;
  cost_usd += other.cost_usd;
}

Spending SpendingOf(const Price& price, const Usage& usage) {
  double cost = CostOf(price, usage.prompt_tokens, usage.completion_tokens);
  // What parts of it cost more or less than the rest.
  std::int64_t input = usage.prompt_tokens;
  std::int64_t output = usage.completion_tokens;
  const auto differs = [&cost](double whole, const std::optional<double>& part, std::int64_t tokens,
                               std::int64_t* left) {
    tokens = std::clamp<std::int64_t>(tokens, 0, *left);
    *left -= tokens;
    if (part) cost += (*part - whole) * static_cast<double>(tokens) / 1e6;
  };
  differs(price.input, price.cached_input, usage.cached_tokens, &input);
  differs(price.input, price.image, usage.image_tokens, &input);
  differs(price.input, price.audio, usage.audio_tokens, &input);
  differs(price.output, price.audio_output, usage.audio_output_tokens, &output);
  differs(price.output, price.reasoning, usage.reasoning_tokens, &output);
  return {usage, cost};
}

Spending CallEstimate::expected() const {
  const Usage usage{.prompt_tokens = prompt_tokens, .completion_tokens = max_tokens};
  return {usage, EstimatedCost(price, prompt_tokens, max_tokens)};
}

Spending CallEstimate::prompt() const {
  return SpendingOf(price, {.prompt_tokens = prompt_tokens, .estimated = true});
}

void Ledger::SetLimits(const CallLimits& limits, Clock::time_point begin, ClientAccount* account) {
  limits_ = limits;
  begin_ = begin;
  account_.reset(account);
}

void Ledger::Release() {
  if (account_ == nullptr) return;
  for (const Line& line : lines_) {
    if (!line.settled && line.counted && !line.charged) account_->Settle(line.stands(), Spending());
  }
}

Ledger& Ledger::operator=(Ledger&& other) noexcept {
  if (this == &other) return *this;
  Release();
  limits_ = other.limits_;
  begin_ = other.begin_;
  account_ = std::move(other.account_);
  lines_ = std::move(other.lines_);
  calls_ = other.calls_;
  charged_ = other.charged_;
  limit_ = other.limit_;
  return *this;
}

Deadline Ledger::Within(Deadline deadline) const {
  return limits_.time.count() > 0 ? deadline.Within(limits_.time, begin_) : deadline;
}

Result<Ledger::Entry> Ledger::Reserve(const CallEstimate& estimate, Charge charge) {
  const Spending expected = estimate.expected();
  if (auto why = Exceeds(expected)) return Error{ErrorCode::kNoExpert, *std::move(why)};
  if (account_ != nullptr && charge == Charge::kNow) {
    if (Status may = account_->Reserve(expected); !may) {
      limit_ = "client";
      return std::move(may).error();
    }
  }
  ++calls_;
  return Add(estimate, true, charge);
}

Ledger::Entry Ledger::ReserveUnlimited(const CallEstimate& estimate, Charge charge) {
  return Add(estimate, false, charge);
}

Ledger::Entry Ledger::Add(const CallEstimate& estimate, bool counted, Charge charge) {
  const bool charged = charge == Charge::kBefore;
  charged_ += charged ? 1 : 0;
  lines_.push_back({.reserved = estimate, .actual = {}, .counted = counted, .charged = charged});
  return static_cast<Entry>(lines_.size() - 1);
}

Spending Ledger::Line::stands() const {
  if (settled) return actual;
  return counted ? reserved.expected() : Spending();
}

void Ledger::Settle(Entry entry, const Spending& actual) {
  Line& line = lines_[static_cast<std::size_t>(entry)];
  if (account_ != nullptr && !line.charged) account_->Settle(line.stands(), actual);
  line.actual = actual;
  line.settled = true;
}

void Ledger::SettlePrompt(Entry entry) { Settle(entry, At(entry).reserved.prompt()); }

Spending Ledger::SettledBut(std::optional<Entry> left_out) const { return Sum(left_out, true); }

Spending Ledger::ChargedBut(std::optional<Entry> left_out) const { return Sum(left_out, false); }

// `charged`: with those that were so before.
Spending Ledger::Sum(std::optional<Entry> left_out, bool charged) const {
  Spending sum;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line& line = lines_[i];
    const bool counts = line.settled && (charged || !line.charged);
    if (counts && static_cast<Entry>(i) != left_out) sum.Add(line.actual);
  }
  return sum;
}

// Calls under way count for what they are expected to take.
std::optional<std::string> Ledger::Exceeds(const Spending& expected) {
  if (limits_.calls > 0 && calls_ >= limits_.calls) {
    limit_ = "calls";
    return "would be one call too many, the request allows " + std::to_string(limits_.calls);
  }
  if (limits_.tokens <= 0 && limits_.cost_usd <= 0) return std::nullopt;
  Spending sum = expected;
  for (const Line& line : lines_) sum.Add(line.stands());
  const std::int64_t tokens = sum.tokens();
  const double cost = sum.cost_usd;
  if (limits_.tokens > 0 && tokens > limits_.tokens) {
    limit_ = "tokens";
    return "would take the request to about " + std::to_string(tokens) + " tokens, it allows " +
           std::to_string(limits_.tokens);
  }
  if (limits_.cost_usd > 0 && cost > limits_.cost_usd) {
    limit_ = "cost";
    return "would cost about " + DollarText(cost) + ", the request allows " +
           DollarText(limits_.cost_usd);
  }
  return std::nullopt;
}

}  // namespace moerge
