#include "services/replay/replay_device.h"

#include <algorithm>
#include <utility>

namespace moerge {

Task<std::unique_ptr<ReplayDevice::Use>> ReplayDevice::Enter(std::string model,
                                                             Cancellation& cancellation) {
  if (slots_ == 0) co_return std::make_unique<Use>(*this, std::move(model));
  const Executor loop = co_await ThisLoop();
  const auto waiter = std::make_shared<Waiter>(std::move(model), loop);
  {
    const std::lock_guard lock(mutex_);
    waiters_.push_back(waiter);
    GrantAll();
  }
  const auto left = cancellation.OnCancel([waiter] { waiter->wake.Set(); });
  co_await waiter->wake.Wait();
  std::unique_ptr<Use> use;
  {
    const std::lock_guard lock(mutex_);
    waiters_.remove(waiter);
    if (waiter->granted) use = std::make_unique<Use>(*this, waiter->model);
  }
  if (use == nullptr) co_return nullptr;
  if (!cancellation.cancelled()) {
    waiter->wake.Reset();
    (void)co_await waiter->wake.WaitUntil(Deadline::At(waiter->ready));
  }
  if (cancellation.cancelled()) co_return nullptr;
  co_return use;
}

// Those whose model is loaded or can be. Others wait; calls for loaded models overtake them.
void ReplayDevice::GrantAll() {
  bool waits_for_room = false;
  const auto granted = [&](const std::shared_ptr<Waiter>& waiter) {
    Model* model = MakeLoaded(waiter->model, &waits_for_room);
    if (model == nullptr) return false;
    ++model->running;
    model->used = Clock::now();
    waiter->granted = true;
    waiter->ready = model->ready;
    WakeOnLoop(waiter);
    return true;
  };
  std::erase_if(waiters_, granted);
}

// Null: it has to wait for room. REQUIRES: mutex_.
ReplayDevice::Model* ReplayDevice::MakeLoaded(const std::string& name, bool* waits_for_room) {
  if (Model* model = Find(name)) return model->makes_room ? nullptr : model;
  if (*waits_for_room) return nullptr;
  if (models_.size() >= static_cast<std::size_t>(slots_)) {
    const auto oldest = std::ranges::min_element(models_, {}, &Model::used);
    if (oldest->running > 0) {
      oldest->makes_room = true;
      *waits_for_room = true;
      return nullptr;
    }
    models_.erase(oldest);
  }
  ++loads_;
  models_.push_back({.name = name, .ready = Clock::now() + load_});
  return &models_.back();
}

void ReplayDevice::Leave(const std::string& model) {
  if (slots_ == 0) return;
  const std::lock_guard lock(mutex_);
  if (Model* of = Find(model)) {
    --of->running;
    of->used = Clock::now();
  }
  GrantAll();
}

// REQUIRES: mutex_.
ReplayDevice::Model* ReplayDevice::Find(std::string_view name) {
  const auto found = std::ranges::find(models_, name, &Model::name);
  return found == models_.end() ? nullptr : &*found;
}

std::int64_t ReplayDevice::loads() const {
  const std::lock_guard lock(mutex_);
  return loads_;
}

std::vector<std::string> ReplayDevice::loaded() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const Model& model : models_) names.push_back(model.name);
  return names;
}

}  // namespace moerge
