#include "services/roles/role_session.h"

#include <map>
#include <tuple>
#include <utility>

#include "config/roles.h"

namespace moerge {
namespace {

constexpr std::size_t kGiveUp = 5;  // failures without any answer

}  // namespace

RoleSession::RoleSession(const std::vector<RoleTask>& tasks, std::vector<std::string> experts,
                         const std::vector<std::string_view>& roles)
    : experts_(std::move(experts)), health_(experts_.size()) {
  for (std::size_t expert = 0; expert < experts_.size(); ++expert) {
    for (const std::string_view role : roles) {
      for (const RoleTask& task : tasks) {
        const std::size_t turns = CallsOf(role);
        for (std::size_t turn = 0; turn < turns; ++turn) calls_.push_back({trials_.size(), turn});
        trials_.push_back({expert, &task, role, {}});
        trials_.back().replies.resize(turns);
      }
    }
  }
}

std::optional<std::string> RoleSession::Body(std::size_t call) const {
  const Trial& trial = trials_[calls_[call].trial];
  const Health& health = health_[trial.expert];
  if (health.answered == 0 && health.failed >= kGiveUp) return std::nullopt;
  return RoleBody(*trial.task, trial.role, calls_[call].turn, experts_[trial.expert]);
}

void RoleSession::Take(std::size_t call, Result<std::string> text) {
  Trial& trial = trials_[calls_[call].trial];
  Health& health = health_[trial.expert];
  if (!text) {
    if (health.failed++ == 0) health.first = text.error().message;
    return;
  }
  ++health.answered;
  trial.replies[calls_[call].turn] = *std::move(text);
}

std::vector<Evidence> RoleSession::Results(const std::string& source, WallTime now) const {
  struct Count {
    double wins = 0;
    double trials = 0;
  };
  std::map<std::tuple<std::string, std::size_t>, Count> counts;  // by name and expert
  for (const Trial& trial : trials_) {
    std::vector<std::string> replies;
    for (const auto& reply : trial.replies) {
      if (reply) replies.push_back(*reply);
    }
    if (replies.size() < trial.replies.size()) continue;
    Count& count = counts[{RoleName(trial.role, trial.task->category), trial.expert}];
    count.wins += IsRight(*trial.task, trial.role, replies) ? 1 : 0;
    count.trials += 1;
  }
  std::vector<Evidence> results;
  for (const auto& [key, count] : counts) {
    const auto& [name, expert] = key;
    results.push_back({experts_[expert], name, count.wins, count.trials, source, now});
  }
  return results;
}

std::vector<RoleSession::Failure> RoleSession::Failures() const {
  std::vector<Failure> failures;
  for (std::size_t expert = 0; expert < experts_.size(); ++expert) {
    if (health_[expert].failed == 0) continue;
    std::size_t calls = 0;
    for (const Called& call : calls_) {
      const Trial& trial = trials_[call.trial];
      if (trial.expert == expert && !trial.replies[call.turn]) ++calls;
    }
    failures.push_back({experts_[expert], calls, health_[expert].first});
  }
  return failures;
}

}  // namespace moerge
