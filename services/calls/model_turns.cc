#include "services/calls/model_turns.h"

#include <future>
#include <map>
#include <mutex>
#include <utility>

#include "services/calls/model_device.h"

namespace moerge {
namespace {

// Of backends that name none each has its own.
std::string DeviceOf(const Backend& backend) {
  return backend.residency.device.empty() ? backend.name : backend.residency.device;
}

}  // namespace

struct ModelTurns::Impl {
  Impl(Metrics& to, ModelHosts* from) : metrics(to), hosts(from) {}

  std::shared_ptr<Device> For(const Backend& backend) {
    const std::string name = DeviceOf(backend);
    const std::lock_guard lock(mutex);
    for (const auto& device : devices) {
      if (device->name() == name) return device;
    }
    return devices.emplace_back(std::make_shared<Device>(metrics, name, hosts));
  }
  std::vector<std::shared_ptr<Device>> All() const {
    const std::lock_guard lock(mutex);
    return devices;
  }

  Metrics& metrics;
  ModelHosts* const hosts;
  mutable std::mutex mutex;  // guards devices
  std::vector<std::shared_ptr<Device>> devices;
};

ModelTurns::ModelTurns(Metrics& metrics, ModelHosts* hosts)
    : impl_(std::make_unique<Impl>(metrics, hosts)) {}
ModelTurns::~ModelTurns() = default;

Task<Result<std::unique_ptr<ModelTurns::Turn>>> ModelTurns::Enter(const ExpertCall& call,
                                                                  CallScope scope,
                                                                  Listener* listener) {
  const std::shared_ptr<Device> device = impl_->For(*call.expert->backend);
  co_return co_await device->Enter(call, scope, listener);
}

void ModelTurns::Learn(const Snapshot& snapshot) {
  std::map<std::shared_ptr<Device>, std::vector<const ExpertEntry*>> by_device;
  for (const std::shared_ptr<Device>& device : impl_->All()) by_device[device];
  for (const ExpertEntry& expert : snapshot.experts) {
    const bool asked = expert.backend != nullptr && expert.spec.enabled && Manages(expert);
    if (asked) by_device[impl_->For(*expert.backend)].push_back(&expert);
  }
  for (const auto& [device, experts] : by_device) device->Learn(experts);
}

float ModelTurns::ExpectedWaitMs(const Backend& backend, std::string_view model) const {
  const ResidencyPlan::Duration wait = impl_->For(backend)->ExpectedWait(backend, model);
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
  return impl_->For(backend)->Log(backend.name, model);
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
