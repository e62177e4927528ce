#include "registry/feedback.h"

#include <algorithm>

#include "registry/evidence.h"
#include "registry/registry.h"

namespace moerge {
namespace {

// Sums are kept in single precision: what is left of a trial that was taken back.
constexpr double kNothing = 1e-5;

// What `later` leaves open is as `before` said it.
void FillIn(const Feedback& before, Feedback* later) {
  if (!later->score && before.score) {
    later->score = before.score;
    later->skills = before.skills;
  }
  if (!later->helpfulness) later->helpfulness = before.helpfulness;
}

bool SaysAgain(const Feedback& before, const Feedback& later) {
  return before.expert != later.expert || (before.score && later.score) ||
         (before.helpfulness && later.helpfulness);
}

}  // namespace

Result<std::optional<Feedback>> FeedbackLedger::Before(const Feedback& feedback) {
  const auto at = put_.find({feedback.decision, feedback.key});
  if (at != put_.end()) return std::optional(at->second);
  return store_.observations().FindFeedback(feedback.decision, feedback.key);
}

void FeedbackLedger::Count(const Feedback& feedback, double sign) {
  if (!feedback.score) return;
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
    sum.wins += sign * share * *feedback.score;
    if (sum.trials < kNothing) sum.trials = 0;
    sum.wins = std::clamp(sum.wins, 0.0, sum.trials);
    sum.updated = std::max(sum.updated, feedback.time);
  }
}

Result<bool> FeedbackLedger::Add(Feedback feedback, Observation observation, Feedback* counted) {
  const auto before = Before(feedback);
  if (!before.ok()) return before.error();
  bool replaced = false, taken_back = false;
  const std::string lesson = feedback.decision + "/" + feedback.key;
  if (before->has_value()) {
    replaced = SaysAgain(**before, feedback);
    if ((*before)->expert == feedback.expert) FillIn(**before, &feedback);
    Count(**before, -1);
    taken_back = (*before)->score && !feedback.score;
  }
  Count(feedback, +1);
  if (taken_back) {
    forgotten_.push_back({std::string(kFeedbackSource), lesson});
  } else if (!observation.prompt.empty()) {
    observation.source = kFeedbackSource;
    observation.id = lesson;
    observations_.push_back(std::move(observation));
  }
  if (counted != nullptr) *counted = feedback;
  const std::pair key(feedback.decision, feedback.key);
  put_.insert_or_assign(key, std::move(feedback));
  return replaced;
}

StoreChange FeedbackLedger::Take() && {
  StoreChange change;
  for (const auto& [cell, sum] : cells_) {
    const auto& [expert, source, skill] = cell;
    change.put_evidence.push_back({expert, skill, sum.wins, sum.trials, source, sum.updated});
  }
  for (auto& [key, feedback] : put_) change.put_feedback.push_back(std::move(feedback));
  change.add_observations = std::move(observations_);
  change.forget_observations = std::move(forgotten_);
  if (!change.add_observations.empty()) {
    change.limit_observations.push_back({std::string(kFeedbackSource), kMaxLessons});
  }
  return change;
}

}  // namespace moerge
