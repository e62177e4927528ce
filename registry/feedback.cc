#include "registry/feedback.h"

#include <algorithm>

#include "registry/evidence.h"
#include "registry/registry.h"

namespace moerge {
namespace {

// Sums are kept in single precision: what is left of a trial that was taken back.
constexpr double kNothing = 1e-5;

}  // namespace

Result<std::optional<Feedback>> FeedbackLedger::Before(const Feedback& feedback) {
  const auto at = put_.find({feedback.decision, feedback.key});
  if (at != put_.end()) return std::optional(at->second);
  return store_.observations().FindFeedback(feedback.decision, feedback.key);
}

void FeedbackLedger::Count(const Feedback& feedback, double sign) {
  const std::string source = DatedSource(kFeedbackSource, feedback.time);
  for (const auto& [skill, share] : feedback.skills) {
    const auto [at, fresh] = cells_.try_emplace({feedback.expert, source, skill});
    Sum& sum = at->second;
    if (fresh) {
      const SkillRecord kept =
          state_.evidence.Cell(InternExpert(feedback.expert), source, InternSkill(skill));
      sum = {kept.wins, kept.trials, feedback.time};
    }
    sum.trials += sign * share;
    sum.wins += sign * share * feedback.score;
    if (sum.trials < kNothing) sum.trials = 0;
    sum.wins = std::clamp(sum.wins, 0.0, sum.trials);
    sum.updated = std::max(sum.updated, feedback.time);
  }
}

Result<bool> FeedbackLedger::Add(Feedback feedback, Observation observation) {
  const auto before = Before(feedback);
  if (!before.ok()) return before.error();
  if (before->has_value()) Count(**before, -1);
  Count(feedback, +1);
  if (!observation.prompt.empty()) {
    observation.source = kFeedbackSource;
    observation.id = feedback.decision + "/" + feedback.key;
    observations_.push_back(std::move(observation));
  }
  const std::pair key(feedback.decision, feedback.key);
  put_.insert_or_assign(key, std::move(feedback));
  return before->has_value();
}

StoreChange FeedbackLedger::Take() && {
  StoreChange change;
  for (const auto& [cell, sum] : cells_) {
    const auto& [expert, source, skill] = cell;
    change.put_evidence.push_back({expert, skill, sum.wins, sum.trials, source, sum.updated});
  }
  for (auto& [key, feedback] : put_) change.put_feedback.push_back(std::move(feedback));
  change.add_observations = std::move(observations_);
  if (!change.add_observations.empty()) {
    change.limit_observations.push_back({std::string(kFeedbackSource), kMaxLessons});
  }
  return change;
}

}  // namespace moerge
