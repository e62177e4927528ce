#include "adapters/backend_health.h"

#include <algorithm>

namespace moerge {

BackendHealth::Admission BackendHealth::Admit(std::string_view model, Clock::time_point now) {
  const auto own = models_.find(model);
  const bool by_own = own != models_.end() && own->second.open();
  const Breaker::Answer answer = by_own ? own->second.Admit(now) : backend_.Admit(now);
  if (answer == Breaker::Answer::kAvoid) return {.avoid = true};
  if (answer == Breaker::Answer::kPass) return {};
  return {.trial = by_own ? Trial::kModels : Trial::kBackends};
}

void BackendHealth::EndTrial(Trial trial, std::string_view model) {
  if (trial == Trial::kBackends) backend_.EndTrial();
  if (trial != Trial::kModels) return;
  const auto own = models_.find(model);
  if (own != models_.end()) own->second.EndTrial();
}

bool BackendHealth::Report(const ModelAtBackend& model, const Outcome& outcome,
                           Clock::time_point now) {
  if (outcome.success) Answered(model.name);
  bool opened = false;
  if (model.among_others) {
    opened = ReportToModel(model.name, outcome, now);
    const bool unanswered = backend_.open() && backend_.Fails(now);
    const bool shared = unanswered || (Fails(model.name, now) && AnotherFails(model.name, now));
    if (!outcome.success && !shared) return opened;
  } else {
    Forget(model.name);
  }
  if (backend_.quiet()) backend_.Credit(outcome.unreported_of_all);
  return backend_.Report(outcome.success, outcome.client, outcome.reason, now, outcome.sent) ||
         opened;
}

bool BackendHealth::ReportToModel(std::string_view model, const Outcome& outcome,
                                  Clock::time_point now) {
  if (outcome.success && !models_.contains(model)) return false;
  Breaker& own = BreakerOf(model);
  if (own.quiet()) own.Credit(outcome.unreported);
  const bool opened =
      own.Report(outcome.success, outcome.client, outcome.reason, now, outcome.sent);
  std::erase_if(models_, [&](const auto& each) { return each.second.blank(now); });
  return opened;
}

bool BackendHealth::ReportSilence(const ModelAtBackend& model, Clock::time_point now) {
  Silences& silences = silences_.try_emplace(std::string(model.name)).first->second;
  ++silences.in_row;
  const std::string_view what = " calls in a row were given up without a byte of an answer";
  const int own = ++silences.own;
  bool opened = own >= kSilencesToOpen && Suspect(model, std::to_string(own).append(what), now);
  int row = 0;
  int silent_models = 0;
  for (const auto& [name, each] : silences_) {
    row += each.in_row;
    silent_models += each.in_row > 0 ? 1 : 0;
  }
  if (row >= kSilencesToOpen && silent_models > 1) {
    opened |= SuspectAll(std::to_string(row).append(what), now);
  }
  return opened;
}

bool BackendHealth::Suspect(const ModelAtBackend& model, std::string_view reason,
                            Clock::time_point now) {
  if (!model.among_others) return SuspectAll(reason, now);
  const bool opened = BreakerOf(model.name).Suspect(reason, now);
  return (AnotherFails(model.name, now) && SuspectAll(reason, now)) || opened;
}

bool BackendHealth::Healthy(std::string_view model, Clock::time_point now) const {
  return Pacing(model).Healthy(now);
}

bool BackendHealth::Healthy(Clock::time_point now) const {
  const auto healthy = [&](const auto& each) { return each.second.Healthy(now); };
  return backend_.Healthy(now) && std::ranges::all_of(models_, healthy);
}

const Breaker& BackendHealth::BreakerOver(std::string_view model) const {
  const auto own = models_.find(model);
  return backend_.open() || own == models_.end() ? backend_ : own->second;
}

const Breaker& BackendHealth::Pacing(std::string_view model) const {
  const auto own = models_.find(model);
  return own != models_.end() && own->second.open() ? own->second : backend_;
}

Breaker& BackendHealth::BreakerOf(std::string_view model) {
  const auto own = models_.find(model);
  return own != models_.end() ? own->second : models_[std::string(model)];
}

bool BackendHealth::Fails(std::string_view model, Clock::time_point now) const {
  const auto own = models_.find(model);
  return own != models_.end() && own->second.Fails(now);
}

bool BackendHealth::AnotherFails(std::string_view model, Clock::time_point now) const {
  return std::ranges::any_of(
      models_, [&](const auto& each) { return each.first != model && each.second.Fails(now); });
}

void BackendHealth::Forget(std::string_view model) {
  const auto own = models_.find(model);
  if (own != models_.end()) models_.erase(own);
}

void BackendHealth::Answered(std::string_view model) {
  const auto own = silences_.find(model);
  if (own != silences_.end()) silences_.erase(own);
  for (auto& [name, each] : silences_) each.in_row = 0;
}

}  // namespace moerge
