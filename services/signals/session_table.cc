#include "services/signals/session_table.h"

#include <algorithm>

#include "config/base/random.h"

namespace moerge {
namespace {

constexpr std::string_view kForgotten = "moerge_sessions_forgotten_total";
constexpr std::string_view kForgottenHelp = "Conversations that stickiness no longer knows";

Counter& Forgotten(Metrics& metrics, const char* why) {
  return metrics.GetCounter(std::string(kForgotten), std::string(kForgottenHelp),
                            {{"reason", why}});
}

SessionKey KeyOf(const SessionScope& scope, std::string_view kind, std::string_view first,
                 std::string_view second) {
  // Outsiders cannot work out which conversations would share a key.
  static const std::uint64_t salt = Hash64(RandomId());
  return CacheKeyOf({scope.api_key, scope.policy, kind, first, second}, salt);
}

}  // namespace

std::optional<SessionKey> SessionKeyOf(const SessionScope& scope, const RequestText& text) {
  const bool by_header = scope.by != SessionKeySource::kPrefix && !scope.id.empty();
  if (by_header) return KeyOf(scope, "header", scope.id, {});
  if (scope.by == SessionKeySource::kHeader) return std::nullopt;
  const std::string_view first = text.first.empty() ? text.user : text.first;
  if (first.empty()) return std::nullopt;
  return KeyOf(scope, "prefix", text.system, first);
}

SessionTable::SessionTable(Metrics& metrics, std::size_t capacity)
    : per_stripe_(std::max<std::size_t>(1, capacity / kStripes)),
      size_(metrics.GetGauge("moerge_sessions", "Conversations that stickiness knows")),
      idle_(Forgotten(metrics, "idle")),
      full_(Forgotten(metrics, "full")) {}

void SessionTable::Erase(Stripe& stripe, std::list<Entry>::iterator at, Counter& why) {
  stripe.index.erase(at->key);
  stripe.entries.erase(at);
  size_.Add(-1);
  why.Add();
}

std::optional<SessionTable::Session> SessionTable::Find(const SessionKey& key, Time now,
                                                        std::chrono::seconds idle) {
  Stripe& stripe = Of(key);
  const std::lock_guard lock(stripe.mutex);
  const auto at = stripe.index.find(key);
  if (at == stripe.index.end()) return std::nullopt;
  if (now - at->second->session.last > idle) {
    Erase(stripe, at->second, idle_);
    return std::nullopt;
  }
  return at->second->session;
}

void SessionTable::Answered(const SessionKey& key, ExpertId expert, bool afresh, Time now) {
  Stripe& stripe = Of(key);
  const std::lock_guard lock(stripe.mutex);
  const auto [at, fresh] = stripe.index.try_emplace(key);
  if (fresh) {
    stripe.entries.push_front({key, {}});
    at->second = stripe.entries.begin();
    size_.Add(1);
  } else {
    stripe.entries.splice(stripe.entries.begin(), stripe.entries, at->second);
  }
  Session& session = at->second->session;
  if (afresh) session = Session{};
  if (session.turns > 0 && session.expert != expert) ++session.switches;
  session.expert = expert;
  ++session.turns;
  session.last = now;
  if (stripe.entries.size() > per_stripe_) Erase(stripe, std::prev(stripe.entries.end()), full_);
}

}  // namespace moerge
