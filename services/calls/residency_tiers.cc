// Where models are that are not on their device, and how long they take from there.
#include <algorithm>
#include <utility>

#include "services/calls/residency_plan.h"

namespace moerge {

std::int64_t ResidencyPlan::HostBytes() const {
  std::int64_t bytes = 0;
  for (const auto& model : models_) {
    if (!model->resident() && model->tier == Tier::kHost) bytes += model->bytes();
  }
  return bytes;
}

ResidencyPlan::Tier ResidencyPlan::TierOf(const Model& model) {
  return model.state == State::kLoaded ? Tier::kDevice : model.tier;
}

std::array<int, 3> ResidencyPlan::InTiers() const {
  std::array<int, 3> models = {};
  for (const auto& model : models_) ++models[static_cast<std::size_t>(TierOf(*model))];
  return models;
}

// Of one that was put out by somebody else, or before this process began: which of the two is
// known only where there is but one.
ResidencyPlan::Tier ResidencyPlan::TierUnseen(const Model& model) const {
  return model.sleeps && rules_.host_memory == 0 ? Tier::kHost : Tier::kDisk;
}

// Where a loaded model would go if it left now, and no other for its sake.
ResidencyPlan::Tier ResidencyPlan::TierAfter(const Model& model) const {
  if (!model.sleeps || model.retired) return Tier::kDisk;
  const bool fits = rules_.host_memory == 0 || HostBytes() + model.bytes() <= rules_.host_memory;
  return fits ? Tier::kHost : Tier::kDisk;
}

// From where it is; of one that is loaded, from where it would go.
ResidencyPlan::Duration ResidencyPlan::LoadTime(const Model& model) const {
  return LoadTimeFrom(model, model.state == State::kLoaded ? TierAfter(model) : model.tier);
}

ResidencyPlan::Duration ResidencyPlan::LoadTimeFrom(const Model& model, Tier tier) const {
  const Duration measured = model.load_times[tier == Tier::kHost];
  if (measured > Duration::zero()) return measured;
  if (tier != Tier::kHost) return rules_.load_guess;
  const Duration from_disk = LoadTimeFrom(model, Tier::kDisk);
  return std::min(rules_.wake_guess, from_disk);
}

// What it spares that the model sleeps there: the difference to a load from the disk, as often as
// it is asked for.
double ResidencyPlan::HostWorth(const Model& model, Time now) const {
  const std::chrono::duration<double> spared =
      LoadTimeFrom(model, Tier::kDisk) - LoadTimeFrom(model, Tier::kHost);
  return Rate(model, now) * std::max(spared.count(), 0.0);
}

// Those that the host's memory is worth most for come first, so that none of them is dropped for
// another. `coming` has its place on the device already; null: nothing comes.
void ResidencyPlan::SendAway(std::vector<Model*> leaving, const Model* coming, Time now,
                             Order* order) {
  const auto worth = [&](const Model* model) { return HostWorth(*model, now); };
  for (Model* model : leaving) PutOut(model, now);
  for (Model* model : leaving) model->tier = Tier::kDisk;
  std::ranges::stable_sort(leaving, std::ranges::greater(), worth);
  for (Model* model : leaving) {
    if (model->sleeps && !model->retired && MakeHostRoom(*model, coming, now, order)) {
      model->tier = Tier::kHost;
      order->sleep.push_back(model->name);
    } else {
      order->unload.push_back(model->name);
    }
  }
}

// False: there is none, or what would have to be dropped is worth as much.
bool ResidencyPlan::MakeHostRoom(const Model& leaving, const Model* coming, Time now,
                                 Order* order) {
  if (rules_.host_memory == 0) return true;
  std::int64_t over = HostBytes() + leaving.bytes() - rules_.host_memory;
  if (over <= 0) return true;
  std::vector<Model*> asleep;
  for (const auto& model : models_) {
    const bool there = !model->resident() && model->tier == Tier::kHost && model->waiting() == 0;
    // It passes over the device, in the place of what comes.
    const std::int64_t free = coming == nullptr ? 0 : coming->bytes();
    if (there && model->bytes() > 0 && Fits(*model, coming == nullptr ? 0 : 1, free)) {
      asleep.push_back(model.get());
    }
  }
  std::ranges::stable_sort(asleep, [&](const Model* a, const Model* b) {
    const double worth_a = HostWorth(*a, now);
    const double worth_b = HostWorth(*b, now);
    return worth_a != worth_b ? worth_a < worth_b : a->last_used < b->last_used;
  });
  double lost = 0;
  std::vector<Model*> dropped;
  for (Model* model : asleep) {
    if (over <= 0) break;
    lost += HostWorth(*model, now);
    over -= model->bytes();
    dropped.push_back(model);
  }
  if (over > 0 || lost >= HostWorth(leaving, now)) return false;
  for (Model* model : dropped) {
    model->tier = Tier::kDisk;
    order->drop.push_back(model->name);
  }
  return true;
}

}  // namespace moerge
