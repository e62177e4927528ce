#include "services/signals/signal_gatherer.h"

#include <chrono>
#include <string>

#include "router/policy_options.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;

std::optional<SessionKey> KeyOf(const ChatRequest& request, const Policy& policy) {
  const std::string by = TextOption(policy, "session.key");
  const SessionScope scope{
      .api_key = request.key_name, .policy = policy.name, .id = request.session_id, .by = by};
  return SessionKeyOf(scope, request.route.text);
}

// The first turn of a conversation that only its text tells apart: others may have begun alike.
bool IsFirstTurn(const ChatRequest& request, const Policy& policy) {
  const bool by_header =
      !request.session_id.empty() && TextOption(policy, "session.key") != "prefix";
  return !by_header && request.route.text.first.empty();
}

}  // namespace

Task<SignalsPtr> SignalGatherer::Gather(const SignalTask& task, const CallScope& scope) {
  (void)scope;
  const Clock::time_point begin = Clock::now();
  const auto signals = std::make_shared<Signals>();
  const SignalsWanted wanted = WantedSignals(task.policy);
  if (wanted.session) FindSession(task, signals.get());
  signals->ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  co_return signals;
}

void SignalGatherer::FindSession(const SignalTask& task, Signals* signals) {
  if (IsFirstTurn(task.request, task.policy)) return;
  const std::optional<SessionKey> key = KeyOf(task.request, task.policy);
  if (!key) return;
  const std::chrono::seconds idle(
      static_cast<std::int64_t>(NumberOption(task.policy, "session.idle_s")));
  const auto session = shared_.sessions.Find(*key, Clock::now(), idle);
  if (!session) return;
  signals->session =
      SessionSignal{std::string(NameOf(session->expert)), session->turns, session->switches};
}

void SignalGatherer::Answered(const ChatRequest& request, const Policy& policy,
                              const ExpertEntry& expert) {
  if (!WantedSignals(policy).session || expert.spec.kind == ExpertKind::kTool) return;
  const std::optional<SessionKey> key = KeyOf(request, policy);
  if (!key) return;
  shared_.sessions.Answered(*key, expert.id, IsFirstTurn(request, policy), Clock::now());
}

}  // namespace moerge
