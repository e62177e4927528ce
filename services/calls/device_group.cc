#include "services/calls/device_group.h"

#include <algorithm>
#include <utility>

namespace moerge {

// A call's place on a device, from its choice on.
class ModelTurns::DeviceGroup::Place {
 public:
  Place(std::shared_ptr<DeviceGroup> group, std::string model, int device)
      : group_(std::move(group)), model_(std::move(model)), device_(device) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    const Clock::time_point now = Clock::now();
    const bool ran = begun_ != Clock::time_point{};
    const double seconds = ran ? std::chrono::duration<double>(now - begun_).count() : 0;
    const std::lock_guard lock(group_->mutex_);
    group_->placement_.End(model_, device_, seconds, now);
  }

  int device() const { return device_; }
  void Begin() { begun_ = Clock::now(); }

 private:
  std::shared_ptr<DeviceGroup> group_;
  std::string model_;
  int device_;
  Clock::time_point begun_{};
};

class ModelTurns::DeviceGroup::PlacedTurn final : public ModelTurns::Turn {
 public:
  PlacedTurn(std::unique_ptr<Place> place, std::unique_ptr<Turn> turn)
      : place_(std::move(place)), turn_(std::move(turn)) {
    place_->Begin();
  }
  bool loading() const override { return turn_->loading(); }
  const Backend* at() const override { return turn_->at(); }
  void Ready() override { turn_->Ready(); }
  void Answered() override { turn_->Answered(); }
  void Failed() override { turn_->Failed(); }

 private:
  std::unique_ptr<Place> place_;
  std::unique_ptr<Turn> turn_;
};

ModelTurns::DeviceGroup::DeviceGroup(Devices devices)
    : devices_(std::move(devices)),
      placement_(Placement::Rules{.devices = static_cast<int>(devices_.size())}) {}

std::unique_ptr<ModelTurns::DeviceGroup::Place> ModelTurns::DeviceGroup::PlaceOf(
    const ExpertEntry& expert, const std::vector<bool>& usable) {
  const Residency& residency = expert.backend->residency;
  const std::lock_guard lock(mutex_);
  placement_.SetRules({.devices = static_cast<int>(devices_.size()),
                       .slots = residency.slots,
                       .memory = BytesOfGb(residency.memory_gb)});
  const int device =
      placement_.Begin(expert.spec.model, BytesOfGb(expert.spec.memory_gb), usable, Clock::now());
  return std::make_unique<Place>(shared_from_this(), expert.spec.model, device);
}

// One device after the other, while one has no room in its queue or cannot load the model, and
// another may.
Task<Result<std::unique_ptr<ModelTurns::Turn>>> ModelTurns::DeviceGroup::Enter(
    const ExpertCall& call, CallScope scope, ModelTurns::Listener* listener) {
  const ExpertEntry& expert = *call.expert;
  std::vector<bool> usable;
  for (const auto& device : devices_) {
    usable.push_back(device->CanLoad(*expert.backend, expert.spec.model));
  }
  while (true) {
    std::unique_ptr<Place> place = PlaceOf(expert, usable);
    const auto at = static_cast<std::size_t>(place->device());
    usable[at] = false;
    const bool others = std::ranges::find(usable, true) != usable.end();
    const bool last_resort = call.last_resort && !others;
    auto turn = co_await devices_[at]->Enter(call, last_resort, scope, listener);
    if (turn) {
      co_return std::make_unique<PlacedTurn>(std::move(place), *std::move(turn));
    }
    const ErrorCode code = turn.error().code;
    const bool elsewhere = code == ErrorCode::kUnavailable || code == ErrorCode::kRateLimited;
    if (!others || !elsewhere) co_return std::move(turn).error();
  }
}

ModelTurns::Clock::duration ModelTurns::DeviceGroup::ExpectedWait(const Backend& backend,
                                                                  std::string_view model) const {
  std::vector<int> on;
  {
    const std::lock_guard lock(mutex_);
    on = placement_.DevicesOf(model);
  }
  Clock::duration least = Clock::duration::max();
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (!on.empty() && std::ranges::find(on, static_cast<int>(i)) == on.end()) continue;
    least = std::min(least, devices_[i]->ExpectedWait(backend, model));
  }
  return least;
}

}  // namespace moerge
