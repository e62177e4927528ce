// What a device says of its state.
#include <utility>

#include "services/calls/model_device.h"

namespace moerge {

// Names of backends hold no line break.
std::string ModelTurns::Device::KeyOf(std::string_view backend, std::string_view model) {
  return std::string(backend) + "\n" + std::string(model);
}

std::string ModelTurns::Device::ModelIn(std::string_view key) {
  return std::string(key.substr(key.find('\n') + 1));
}

// None: it waits no longer.
std::optional<ModelTurns::Standing> ModelTurns::Device::StandingOf(const Waiter& waiter) const {
  const Lock lock(mutex_);
  if (waiter.admission != Admission::kWaiting) return std::nullopt;
  const int ahead = plan_.Ahead(waiter.id);
  return Standing{ahead, plan_.ExpectedWait(waiter.key, Clock::now(), ahead)};
}

ModelTurns::Clock::duration ModelTurns::Device::ExpectedWait(const Backend& backend,
                                                             std::string_view model) const {
  const Lock lock(mutex_);
  return plan_.ExpectedWait(KeyOf(backend.name, model), Clock::now());
}

bool ModelTurns::Device::CanLoad(const Backend& backend, std::string_view model) const {
  const Lock lock(mutex_);
  return plan_.FailedUntil(KeyOf(backend.name, model)) <= Clock::now();
}

std::vector<std::string> ModelTurns::Device::Log(std::string_view backend,
                                                 std::string_view model) const {
  const Lock lock(mutex_);
  return loader_ == nullptr ? std::vector<std::string>() : loader_->Log(backend, model);
}

ModelTurns::DeviceView ModelTurns::Device::View() const {
  const Lock lock(mutex_);
  DeviceView view{.device = name_,
                  .models = {},
                  .last_swap = plan_.last_swap(),
                  .swaps = plan_.swaps(),
                  .host_bytes = plan_.HostBytes()};
  if (!view.last_swap.loaded.empty()) view.last_swap.loaded = ModelIn(view.last_swap.loaded);
  for (std::string& model : view.last_swap.evicted) model = ModelIn(model);
  for (ResidencyPlan::ModelView& each : plan_.Models()) {
    const Known& known = known_.at(std::string(each.model));
    each.model = {};
    view.models.push_back({known.backend->name, known.model, each, known.error});
  }
  return view;
}

}  // namespace moerge
