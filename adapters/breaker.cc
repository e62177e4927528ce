#include "adapters/breaker.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace moerge {

bool Breaker::Healthy(Clock::time_point now) const {
  if (!open_) return true;
  return now >= until_ && (trials_ < allowed_ || now - last_trial_ >= kLongestPause);
}

Breaker::Answer Breaker::Admit(Clock::time_point now) {
  if (!open_) return Answer::kPass;
  if (!Healthy(now)) return Answer::kAvoid;
  ++trials_;
  last_trial_ = now;
  return Answer::kTrial;
}

void Breaker::EndTrial() { trials_ = std::max(trials_ - 1, 0); }

bool Breaker::Report(bool success, std::uint64_t client, std::string_view reason,
                     Clock::time_point now, Clock::time_point sent) {
  if (!success) last_failure_ = now;
  if (open_) {
    EndedTrial(success, now, sent);
    return false;
  }
  if (success ? !failed_ : sent < closed_) return false;
  Count(success, client, now);
  if (success || !TooManyFailures(now, kLeastOutcomes)) return false;
  Open(reason, now);
  return true;
}

bool Breaker::Suspect(std::string_view reason, Clock::time_point now) {
  last_failure_ = now;
  if (open_) return false;
  Open(reason, now);
  return true;
}

bool Breaker::Fails(Clock::time_point now) const {
  if (!open_) return failed_ && TooManyFailures(now, 1);
  return passed_ == 0 && now - last_failure_ <= kMemory;
}

// Whoever asked: a call that was made as a last resort is evidence like a trial. A failure of a
// call that began before the pause was over says nothing new, nor does that of a call that was sent
// before the latest that was answered.
void Breaker::EndedTrial(bool success, Clock::time_point now, Clock::time_point sent) {
  if (success) {
    last_success_ = now;
    trials_ = 0;  // those that hang are of the time before
    allowed_ = std::min(allowed_ * 2, 1 << kTrialsToClose);
    until_ = now;
    if (++passed_ >= kTrialsToClose) Close(now);
    return;
  }
  if (sent < until_ || sent < last_success_) return;
  passed_ = 0;
  allowed_ = 1;
  pause_ = std::min(pause_ * 2, kLongestPause);
  until_ = now + pause_;
}

void Breaker::Open(std::string_view reason, Clock::time_point now) {
  open_ = true;
  reason_ = reason;
  since_ = now;
  until_ = now + pause_;
  last_success_ = {};
  passed_ = 0;
  allowed_ = 1;
}

void Breaker::Close(Clock::time_point now) {
  closed_ = now;
  open_ = failed_ = false;
  tallies_.clear();
  pause_ = kFirstPause;
  reason_.clear();
}

// A client's own; where there are too many, the one that was heard from least recently gives way.
Breaker::Tally& Breaker::TallyOf(std::uint64_t client, Clock::time_point now) {
  std::erase_if(tallies_, [&](const Tally& each) { return now - each.latest > kMemory; });
  const auto found = std::ranges::find(tallies_, client, &Tally::client);
  if (found != tallies_.end()) return *found;
  if (tallies_.size() >= kClients)
    tallies_.erase(std::ranges::min_element(tallies_, {}, &Tally::latest));
  const auto count = static_cast<unsigned>(std::exchange(credit_, 0));
  return tallies_.emplace_back(Tally{.client = client, .latest = now, .count = count});
}

void Breaker::Count(bool success, std::uint64_t client, Clock::time_point now) {
  Tally& tally = TallyOf(client, now);
  tally.latest = now;
  tally.failures = ((tally.failures << 1) | (success ? 0U : 1U)) & ((1U << kOutcomes) - 1);
  tally.count = std::min(tally.count + 1, kOutcomes);
  failed_ = std::ranges::any_of(tallies_, [](const Tally& each) { return each.failures != 0; });
}

// The mean over clients; those with few outcomes count less.
bool Breaker::TooManyFailures(Clock::time_point now, unsigned least) const {
  double failing = 0;
  double weights = 0;
  unsigned outcomes = 0;
  for (const Tally& each : tallies_) {
    if (now - each.latest > kMemory) continue;
    const double weight = std::min(each.count, static_cast<unsigned>(kLeastOutcomes));
    failing += weight * std::popcount(each.failures) / each.count;
    weights += weight;
    outcomes += each.count;
  }
  return outcomes >= least && failing >= kOpenAbove * weights;
}

std::chrono::seconds Breaker::RetryAfter(Clock::time_point now) const {
  const auto left = std::chrono::ceil<std::chrono::seconds>(until_ - now);
  return std::max(left, std::chrono::seconds(1));
}

}  // namespace moerge
