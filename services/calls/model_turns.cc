#include "services/calls/model_turns.h"

#include <future>
#include <map>
#include <mutex>
#include <utility>

#include "services/calls/device_group.h"
#include "services/calls/model_device.h"

namespace moerge {
struct ModelTurns::Impl {
  Impl(Metrics& to, ModelHosts* from) : metrics(to), hosts(from) {}

  std::shared_ptr<Device> For(const std::string& name) {
    const std::lock_guard lock(mutex);
    for (const auto& device : devices) {
      if (device->name() == name) return device;
    }
    return devices.emplace_back(std::make_shared<Device>(metrics, name, hosts));
  }
  std::vector<std::shared_ptr<Device>> AllFor(const Backend& backend) {
    std::vector<std::shared_ptr<Device>> found;
    for (const std::string& name : DevicesOf(backend)) found.push_back(For(name));
    return found;
  }
  // Null: the backend has one device.
  std::shared_ptr<DeviceGroup> GroupFor(const Backend& backend) {
    if (backend.residency.devices.size() < 2) return nullptr;
    std::vector<std::shared_ptr<Device>> all = AllFor(backend);
    const std::lock_guard lock(mutex);
    std::shared_ptr<DeviceGroup>& group = groups[backend.name];
    if (group == nullptr || group->devices() != all) {
      group = std::make_shared<DeviceGroup>(std::move(all));
    }
    return group;
  }
  std::vector<std::shared_ptr<Device>> All() const {
    const std::lock_guard lock(mutex);
    return devices;
  }

  Metrics& metrics;
  ModelHosts* const hosts;
  mutable std::mutex mutex;  // guards what follows
  std::vector<std::shared_ptr<Device>> devices;
  std::map<std::string, std::shared_ptr<DeviceGroup>> groups;  // by backend
};

ModelTurns::ModelTurns(Metrics& metrics, ModelHosts* hosts)
    : impl_(std::make_unique<Impl>(metrics, hosts)) {}
ModelTurns::~ModelTurns() = default;

Task<Result<std::unique_ptr<ModelTurns::Turn>>> ModelTurns::Enter(const ExpertCall& call,
                                                                  CallScope scope,
                                                                  Listener* listener) {
  const Backend& backend = *call.expert->backend;
  const std::shared_ptr<DeviceGroup> group = impl_->GroupFor(backend);
  if (group != nullptr) co_return co_await group->Enter(call, scope, listener);
  const std::shared_ptr<Device> device = impl_->For(DevicesOf(backend).front());
  co_return co_await device->Enter(call, call.last_resort, scope, listener);
}

void ModelTurns::Learn(const Snapshot& snapshot) {
  std::map<std::shared_ptr<Device>, std::vector<const ExpertEntry*>> by_device;
  for (const std::shared_ptr<Device>& device : impl_->All()) by_device[device];
  for (const ExpertEntry& expert : snapshot.experts) {
    const bool asked = expert.backend != nullptr && expert.spec.enabled && Manages(expert);
    if (!asked) continue;
    for (const auto& device : impl_->AllFor(*expert.backend)) by_device[device].push_back(&expert);
  }
  for (const auto& [device, experts] : by_device) device->Learn(experts);
}

float ModelTurns::ExpectedWaitMs(const Backend& backend, std::string_view model) const {
  const std::shared_ptr<DeviceGroup> group = impl_->GroupFor(backend);
  const ResidencyPlan::Duration wait =
      group != nullptr ? group->ExpectedWait(backend, model)
                       : impl_->For(DevicesOf(backend).front())->ExpectedWait(backend, model);
  return std::chrono::duration<float, std::milli>(wait).count();
}

std::vector<ModelTurns::DeviceView> ModelTurns::Devices() const {
  std::vector<DeviceView> views;
  for (const auto& device : impl_->All()) views.push_back(device->View());
  return views;
}

std::vector<ModelTurns::PastSpell> ModelTurns::History() const {
  std::vector<PastSpell> history;
  for (const auto& device : impl_->All()) device->AddHistory(&history);
  return history;
}

std::vector<std::string> ModelTurns::Log(const Backend& backend, std::string_view model) const {
  std::vector<std::string> lines;
  for (const auto& device : impl_->AllFor(backend)) {
    for (std::string& line : device->Log(backend.name, model)) {
      lines.push_back(backend.residency.devices.size() < 2 ? std::move(line)
                                                           : device->name() + ": " + line);
    }
  }
  return lines;
}

void ModelTurns::Stop() {
  std::vector<std::future<void>> waits;
  for (const auto& device : impl_->All()) {
    auto ended = std::make_shared<std::promise<void>>();
    if (device->Stop([ended] { ended->set_value(); })) waits.push_back(ended->get_future());
  }
  for (std::future<void>& wait : waits) wait.wait();
}

}  // namespace moerge
