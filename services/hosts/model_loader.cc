#include "services/hosts/model_loader.h"

#include <boost/asio/post.hpp>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "config/base/event.h"
#include "config/base/log.h"

namespace moerge {

// Members are the loop's but for those of `mutex`.
struct ModelLoader::Impl : std::enable_shared_from_this<ModelLoader::Impl> {
  Impl(ModelHosts& from, std::weak_ptr<Listener> to)
      : hosts(from), loop(from.loop()), listener(std::move(to)), changed(loop), stop(loop) {}

  std::shared_ptr<ModelHost> HostOf(const std::shared_ptr<const Backend>& backend);
  void Order(ModelLoader::Order order);
  void Begin(std::string_view name, Task<void> task);
  Task<void> Counted(std::shared_ptr<Impl> self, Task<void> task);
  Task<void> WorkOff();
  Task<bool> MakeRoom(const ModelLoader::Order& order);
  Task<Status> Leave(const Model& model,
                     Task<Status> (ModelHost::*way)(const Backend&, std::string, CallScope));
  Task<void> Load(Model model, bool wakes);
  std::uint64_t NewWatch(const std::string& backend);
  Task<void> Watching(std::shared_ptr<const Backend> backend, std::uint64_t watch);
  Task<void> Stopping(std::function<void()> ended);
  template <class Tell>
  void ToListener(Tell tell) {
    if (const auto told = listener.lock()) tell(*told);
  }

  ModelHosts& hosts;
  const Executor loop;
  const std::weak_ptr<Listener> listener;
  Cancellation cancellation;
  std::deque<ModelLoader::Order> orders;
  bool working = false;     // on them
  int under_way = 0;        // orders that have not ended
  std::uint64_t begun = 0;  // orders ever
  int tasks = 0;
  Event changed;  // tasks has
  Event stop;
  mutable std::mutex mutex;  // guards by_backend
  struct Hosted {
    ResidencyKind kind{};
    std::shared_ptr<ModelHost> host;
    std::shared_ptr<const Backend> backend;
    std::uint64_t watch = 0;  // the one in force; others end
  };
  std::map<std::string, Hosted, std::less<>> by_backend;
};

std::shared_ptr<ModelHost> ModelLoader::Impl::HostOf(
    const std::shared_ptr<const Backend>& backend) {
  const std::lock_guard lock(mutex);
  Hosted& hosted = by_backend[backend->name];
  hosted.backend = backend;
  const ResidencyKind kind = backend->residency.kind;
  if (hosted.host != nullptr && hosted.kind == kind) return hosted.host;
  const std::weak_ptr<Impl> weak = weak_from_this();
  hosted.kind = kind;
  hosted.host = hosts.Make(kind, [weak, backend](const std::string& model, const std::string& how) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    LogWarning("the server of a model has ended",
               {{"backend", backend->name}, {"model", model}, {"how", how}});
    self->ToListener([&](Listener& to) { to.Lost({backend, model}, how); });
  });
  return hosted.host;
}

void ModelLoader::Impl::Begin(std::string_view name, Task<void> task) {
  ++tasks;
  Spawn(loop, name, Counted(shared_from_this(), std::move(task)));
}

Task<void> ModelLoader::Impl::Counted(std::shared_ptr<Impl> self, Task<void> task) {
  try {
    co_await std::move(task);
  } catch (const std::exception& error) {
    LogError("work on a model's residency ended with an exception", {{"error", error.what()}});
  }
  --self->tasks;
  self->changed.Set();
}

void ModelLoader::Impl::Order(ModelLoader::Order order) {
  ++begun;
  ++under_way;
  orders.push_back(std::move(order));
  if (std::exchange(working, true)) return;
  Begin("residency", WorkOff());
}

Task<void> ModelLoader::Impl::WorkOff() {
  while (!orders.empty()) {
    const ModelLoader::Order order = std::move(orders.front());
    orders.pop_front();
    const bool room = co_await MakeRoom(order);
    if (order.load && room) {
      Begin("load", Load(*order.load, order.wakes));
    } else {
      --under_way;
    }
  }
  working = false;
}

// False: there is none, and what was to be loaded has failed.
Task<bool> ModelLoader::Impl::MakeRoom(const ModelLoader::Order& order) {
  bool room = true;
  for (const auto& [models, way] :
       {std::pair(&order.unload, &ModelHost::Unload), std::pair(&order.sleep, &ModelHost::Sleep)}) {
    for (const Model& model : *models) {
      const Status left = co_await Leave(model, way);
      if (left) continue;
      room = false;
      ToListener([&](Listener& to) { to.NotUnloaded(model, left.error()); });
    }
  }
  for (const Model& model : order.drop) {
    const Status dropped = co_await Leave(model, &ModelHost::Drop);
    if (dropped) continue;
    LogWarning("a model could not be dropped from the host's memory",
               {{"backend", model.backend->name},
                {"model", model.name},
                {"error", dropped.error().message}});
    ToListener([&](Listener& to) { to.NotDropped(model, dropped.error()); });
  }
  if (!room && order.load) {
    const Error error{ErrorCode::kUnavailable, "there is no room: another could not be unloaded"};
    ToListener([&](Listener& to) { to.LoadFailed(*order.load, error); });
  }
  co_return room;
}

Task<Status> ModelLoader::Impl::Leave(const Model& model,
                                      Task<Status> (ModelHost::*way)(const Backend&, std::string,
                                                                     CallScope)) {
  const std::shared_ptr<ModelHost> host = HostOf(model.backend);
  const CallScope scope{Deadline::After(model.backend->residency.load_timeout), &cancellation};
  co_return co_await (host.get()->*way)(*model.backend, model.name, scope);
}

Task<void> ModelLoader::Impl::Load(Model model, bool wakes) {
  const std::shared_ptr<ModelHost> host = HostOf(model.backend);
  const CallScope scope{Deadline::After(model.backend->residency.load_timeout), &cancellation};
  Task<Result<HostedModel>> load = wakes ? host->Wake(*model.backend, model.name, scope)
                                         : host->Load(*model.backend, model.name, scope);
  Result<HostedModel> hosted = co_await std::move(load);
  --under_way;
  if (hosted) {
    ToListener([&](Listener& to) { to.Loaded(model, *hosted); });
  } else {
    LogWarning("a model could not be loaded", {{"backend", model.backend->name},
                                               {"model", model.name},
                                               {"error", hosted.error().message}});
    ToListener([&](Listener& to) { to.LoadFailed(model, hosted.error()); });
  }
}

// Its number. Those of the backend that there were end.
std::uint64_t ModelLoader::Impl::NewWatch(const std::string& backend) {
  const std::lock_guard lock(mutex);
  return ++by_backend[backend].watch;
}

// What was seen while an order was carried out may be out of date.
Task<void> ModelLoader::Impl::Watching(std::shared_ptr<const Backend> backend,
                                       std::uint64_t watch) {
  bool first = true;
  while (!stop.IsSet()) {
    const std::shared_ptr<ModelHost> host = HostOf(backend);
    const std::uint64_t before = begun;
    const bool quiet = under_way == 0;
    const CallScope scope{Deadline::After(kListPatience), &cancellation};
    const Result<std::vector<HostedModel>> models = co_await host->List(*backend, scope);
    if (first || (quiet && begun == before)) {
      ToListener([&](Listener& to) { to.Seen(*backend, models); });
    }
    first = false;
    const Deadline next = Deadline::After(kWatch);
    (void)co_await stop.WaitUntil(next);
    const std::lock_guard lock(mutex);
    const Hosted& hosted = by_backend.at(backend->name);
    if (hosted.watch != watch) co_return;
    backend = hosted.backend;
  }
}

Task<void> ModelLoader::Impl::Stopping(std::function<void()> ended) {
  stop.Set();
  cancellation.Cancel();
  while (tasks > 0) {
    changed.Reset();
    co_await changed.Wait();
  }
  std::vector<std::shared_ptr<ModelHost>> all;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [name, hosted] : by_backend) {
      if (hosted.host != nullptr) all.push_back(hosted.host);
    }
  }
  for (const auto& host : all) co_await host->Stop();
  ended();
}

ModelLoader::ModelLoader(ModelHosts& hosts, std::weak_ptr<Listener> listener)
    : impl_(std::make_shared<Impl>(hosts, std::move(listener))) {}
ModelLoader::~ModelLoader() = default;

void ModelLoader::Carry(Order order) {
  boost::asio::post(impl_->loop, [impl = impl_, order = std::move(order)]() mutable {
    impl->Order(std::move(order));
  });
}

void ModelLoader::Watch(std::shared_ptr<const Backend> backend) {
  boost::asio::post(impl_->loop, [impl = impl_, backend = std::move(backend)] {
    impl->Begin("residency watch", impl->Watching(backend, impl->NewWatch(backend->name)));
  });
}

void ModelLoader::Unwatch(std::string backend) {
  boost::asio::post(impl_->loop,
                    [impl = impl_, backend = std::move(backend)] { impl->NewWatch(backend); });
}

std::vector<std::string> ModelLoader::Log(std::string_view backend, std::string_view model) const {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->by_backend.find(backend);
  if (found == impl_->by_backend.end() || found->second.host == nullptr) return {};
  return found->second.host->Log(model);
}

void ModelLoader::Stop(std::function<void()> ended) {
  boost::asio::post(impl_->loop, [impl = impl_, ended = std::move(ended)]() mutable {
    Spawn(impl->loop, "residency stop", impl->Stopping(std::move(ended)));
  });
}

}  // namespace moerge
