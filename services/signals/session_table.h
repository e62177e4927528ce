// Which expert answered which conversation: remembered for as long as the conversation is alive,
// and for a bounded number of conversations, the least recently used ones forgotten first.
//
// Owner: the composition root. Any thread may call; conversations are spread over stripes with a
// lock each. Nothing of a conversation's text is kept, only a hash.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "config/base/metrics.h"
#include "config/policy_options.h"
#include "registry/ids.h"
#include "router/request.h"
#include "services/signals/cache_key.h"

namespace moerge {

// Tells conversations apart, of different API keys and policies above all.
using SessionKey = CacheKey;

// What makes up a key. An API key's name is part of it, so that no caller's conversation ever
// touches another's.
struct SessionScope {
  std::string_view api_key;  // name of the caller's key; empty: open access
  std::string_view policy;
  std::string_view id;  // the header x-session-id; empty: none
  SessionKeySource by = SessionKeySource::kAuto;
};
// None: a header is wanted and there is none, or the request has no text. By its first turns (the
// system's and the first other one) a conversation is known from its second request on.
std::optional<SessionKey> SessionKeyOf(const SessionScope& scope, const RequestText& text);

class SessionTable {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Session {
    ExpertId expert{};
    int turns = 0;  // answered
    int switches = 0;
    Time last{};
  };

  explicit SessionTable(Metrics& metrics, std::size_t capacity = 65'536);

  // None: unknown, or idle for longer than `idle`.
  std::optional<Session> Find(const SessionKey& key, Time now, std::chrono::seconds idle);
  // `expert` has answered; `afresh`: the first turn of a conversation, whatever was before.
  void Answered(const SessionKey& key, ExpertId expert, bool afresh, Time now);

 private:
  struct Entry {
    SessionKey key;
    Session session;
  };
  struct Stripe {
    std::mutex mutex;
    std::list<Entry> entries;  // the most recently used first
    std::unordered_map<SessionKey, std::list<Entry>::iterator, CacheKeyHash> index;
  };
  static constexpr std::size_t kStripes = 16;

  Stripe& Of(const SessionKey& key) { return stripes_[key.high % kStripes]; }
  void Erase(Stripe& stripe, std::list<Entry>::iterator at, Counter& why);

  std::array<Stripe, kStripes> stripes_;
  std::size_t per_stripe_;
  Gauge& size_;
  Counter& idle_;
  Counter& full_;
};

}  // namespace moerge
