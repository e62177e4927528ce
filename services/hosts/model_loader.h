// Carries out what a device's plan orders: room is made first, one order after the other, then
// models are loaded side by side. Watches what its servers say is loaded.
//
// Owner: a device of ModelTurns, which it tells what came of its orders; everything else happens on
// the hosts' loop. A loader that has work lives until that has ended.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "services/hosts/model_hosts.h"

namespace moerge {

class ModelLoader {
 public:
  struct Model {
    std::shared_ptr<const Backend> backend;
    std::string name;
  };
  // `unload` and `sleep` come first, then `drop`, then `load`; see ModelHost.
  struct Order {
    std::optional<Model> load;
    bool wakes = false;  // it sleeps
    std::vector<Model> unload;
    std::vector<Model> sleep;
    std::vector<Model> drop;
  };
  // Called on the hosts' loop.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void Loaded(const Model& model, const HostedModel& hosted) = 0;
    virtual void LoadFailed(const Model& model, const Error& error) = 0;
    virtual void NotUnloaded(const Model& model, const Error& error) = 0;
    // It may sleep still, or be loaded.
    virtual void NotDropped(const Model& model, const Error& error) = 0;
    virtual void Lost(const Model& model, const std::string& how) = 0;
    // What is loaded there, while no order of the loader's was under way.
    virtual void Seen(const Backend& backend, const Result<std::vector<HostedModel>>& models) = 0;
  };

  static constexpr std::chrono::seconds kWatch{10};        // between two looks at a server
  static constexpr std::chrono::seconds kListPatience{5};  // of one

  ModelLoader(ModelHosts& hosts, std::weak_ptr<Listener> listener);
  ~ModelLoader();

  // Any thread.
  void Carry(Order order);
  // Says what is loaded there: once soon, and then every so often. Any thread.
  void Watch(std::shared_ptr<const Backend> backend);
  // Any thread.
  void Unwatch(std::string backend);
  // As ModelHost::Log says. Any thread.
  std::vector<std::string> Log(std::string_view backend, std::string_view model) const;
  // Cancels what is under way, unloads what ends with moerge and then calls `ended`, on the loop.
  // Any thread; nothing may be ordered afterwards.
  void Stop(std::function<void()> ended);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace moerge
