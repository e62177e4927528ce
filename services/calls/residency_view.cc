// What the plan says of its state.
#include <algorithm>

#include "services/calls/residency_plan.h"

namespace moerge {

ResidencyPlan::Spell ResidencyPlan::SpellOf(const Model& model) {
  Spell spell{
      .model = model.name, .state = model.state, .begun = model.since, .ended = {}, .load = {}};
  if (model.state == State::kLoading) spell.load = model.load;
  return spell;
}

std::vector<ResidencyPlan::Spell> ResidencyPlan::Spells() const {
  std::vector<Spell> spells(spells_.begin(), spells_.end());
  for (const auto& model : models_) {
    if (model->state != State::kOut) spells.push_back(SpellOf(*model));
  }
  return spells;
}

bool ResidencyPlan::IsLoading(std::string_view name) const {
  const Model* model = Find(name);
  return model != nullptr && model->state == State::kLoading;
}

std::vector<ResidencyPlan::ModelView> ResidencyPlan::Models() const {
  std::vector<ModelView> views;
  for (const auto& model : models_) {
    views.push_back({.model = model->name,
                     .state = model->draining ? State::kDraining : model->state,
                     .since = model->since,
                     .last_used = model->last_used,
                     .running = model->running,
                     .waiting = model->waiting(),
                     .bytes = model->bytes(),
                     .loads = model->loads,
                     .failed_loads = model->failed_loads,
                     .deaths = model->deaths,
                     .tier = TierOf(*model),
                     .load_time = model->load_times[0],
                     .wake_time = model->load_times[1]});
  }
  return views;
}

int ResidencyPlan::Ahead(CallId id) const {
  const auto found = calls_.find(static_cast<std::uint64_t>(id));
  if (found == calls_.end() || found->second.running) return 0;
  const Call& call = found->second;
  return static_cast<int>(std::ranges::count_if(calls_, [&](const auto& each) {
    const Call& other = each.second;
    const bool before = other.background < call.background ||
                        (other.background == call.background && each.first < found->first);
    return other.model == call.model && !other.running && before;
  }));
}

ResidencyPlan::Time ResidencyPlan::FailedUntil(std::string_view name) const {
  const Model* model = Find(name);
  return model == nullptr || model->state != State::kFailed ? Time{} : model->failed_until;
}

}  // namespace moerge
