// The devices that the models of one backend may be on, and which of them a call goes to: a
// Placement decides, by what calls took of each. Where a model could not be loaded on one, the next
// is asked.
//
// Owner: ModelTurns, and whoever holds a turn. Any thread may call.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "services/calls/model_device.h"
#include "services/calls/placement.h"

namespace moerge {

class ModelTurns::DeviceGroup : public std::enable_shared_from_this<DeviceGroup> {
 public:
  using Devices = std::vector<std::shared_ptr<Device>>;

  explicit DeviceGroup(Devices devices);

  const Devices& devices() const { return devices_; }
  // As ModelTurns::Enter.
  Task<Result<std::unique_ptr<Turn>>> Enter(const ExpertCall& call, CallScope scope,
                                            ModelTurns::Listener* listener);
  // On the device where it is least.
  Clock::duration ExpectedWait(const Backend& backend, std::string_view model) const;

 private:
  class Place;
  class PlacedTurn;

  std::unique_ptr<Place> PlaceOf(const ExpertEntry& expert, const std::vector<bool>& usable);

  const Devices devices_;
  mutable std::mutex mutex_;  // guards placement_
  Placement placement_;
};

}  // namespace moerge
