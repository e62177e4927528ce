#include "services/pipeline/trial_arm.h"

#include <cmath>
#include <string_view>

#include "services/signals/cache_key.h"

namespace moerge {
namespace {

// Different trials draw different conversations.
CacheKey ConversationOf(const Policy& candidate, const ChatRequest& request) {
  const auto since = candidate.trial->since.value_or(std::chrono::system_clock::time_point());
  const auto salt = static_cast<std::uint64_t>(since.time_since_epoch().count());
  const RequestOrigin& origin = *request.origin;
  if (!origin.session.empty()) {
    return CacheKeyOf({candidate.name, origin.client, "session", origin.session}, salt);
  }
  const RequestText& text = request.route.text;
  const std::string_view first = text.first.empty() ? text.user : text.first;
  // Nothing to know it by: each request by itself.
  if (first.empty()) return {request.route.seed, request.route.seed};
  return CacheKeyOf({candidate.name, origin.client, "turn", text.system, first}, salt);
}

}  // namespace

const Policy& ArmOf(const Snapshot& snapshot, const Policy& policy, const ChatRequest& request) {
  const Policy* candidate = snapshot.CandidateFor(policy);
  if (candidate == nullptr) return policy;
  const double place =
      std::ldexp(static_cast<double>(ConversationOf(*candidate, request).low), -64);
  return place < candidate->trial->share ? *candidate : policy;
}

}  // namespace moerge
