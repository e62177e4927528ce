// Where a backend has more models than room, calls wait here for their model's turn, so that they
// are grouped by model and each is loaded as seldom as their waiting allows. What goes when is
// decided by ResidencyPlan; this acts on it: one plan per device, shared by all event loops. A
// backend has a device of its own unless it names one that others name too (Residency::device), or
// several of which each of its calls goes to one (Residency::devices).
//
// With the kind llama_swap the server loads a model when the first of its calls arrives, so that
// the calls that are let go are all that moerge does about it. With the other kinds models are
// loaded and unloaded by services/hosts, and no call goes before its model is loaded.
//
// Owner: the composition root. Any thread may call.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/metrics.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "services/calls/expert_call.h"
#include "services/calls/residency_plan.h"
#include "services/hosts/model_hosts.h"

namespace moerge {

class ModelTurns {
 public:
  using Clock = ResidencyPlan::Clock;

  // `hosts` may be null: servers load by themselves, whatever a backend says; else it outlives this
  // and must not go before Stop.
  explicit ModelTurns(Metrics& metrics, ModelHosts* hosts = nullptr);
  ~ModelTurns();
  ModelTurns(const ModelTurns&) = delete;
  ModelTurns& operator=(const ModelTurns&) = delete;

  // The turn of a call that goes. It ends with the object: without Answered or Failed nothing is
  // learned of the model. Threads: the call's loop.
  class Turn {
   public:
    virtual ~Turn() = default;
    // The call's model is being loaded for all that is known, so that its time says nothing of the
    // expert.
    virtual bool loading() const = 0;
    // The call's backend with the address where its model answers; null: as the call has it.
    virtual const Backend* at() const = 0;
    virtual void Ready() = 0;  // the first sign of an answer
    virtual void Answered() = 0;
    virtual void Failed() = 0;  // the backend failed
  };

  // Whether calls of the backend wait for turns at all.
  static bool Manages(const Backend& backend) {
    return backend.residency.kind != ResidencyKind::kAlways;
  }
  // Whether those of one of its experts do: where a server's adapters are loaded and unloaded, its
  // other models are always there. REQUIRES: it has a backend.
  static bool Manages(const ExpertEntry& expert) {
    const Residency& residency = expert.backend->residency;
    return Manages(*expert.backend) &&
           (residency.adapters.empty() || residency.adapters.contains(expert.spec.model));
  }

  // Experts that may be asked for: what their servers have loaded is looked at before the first
  // call comes. Models of no such expert are unloaded once their last call has ended, and servers
  // that have none are looked at no more. To be told of each snapshot before calls come by it.
  void Learn(const Snapshot& snapshot);

  // How a call stands that waits.
  struct Standing {
    int ahead = 0;           // calls for its model that came before it and wait too
    Clock::duration wait{};  // until its model is loaded, roughly
  };
  // What is told of a call that waits: at once, and then every so often.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual Task<void> Waits(Standing standing) = 0;
  };

  // Waits for the turn of the call's model, on the caller's loop. REQUIRES: its backend is managed.
  // Errors: kRateLimited (max_queue calls wait already; retry_after), kOverloaded (waited twice as
  // long as max_wait and the model is not being loaded; retry_after), kUnavailable (the model could
  // not be loaded, and another expert can be asked; or its load is known to take longer than the
  // call's deadline allows; retry_after), kTimeout, kCancelled. `listener` may be null.
  Task<Result<std::unique_ptr<Turn>>> Enter(const ExpertCall& call, CallScope scope,
                                            Listener* listener = nullptr);

  // How long a call of the model would wait if it came now, roughly. REQUIRES: `backend` is
  // managed.
  float ExpectedWaitMs(const Backend& backend, std::string_view model) const;

  struct DeviceView {
    std::string device;  // a backend's name if it is that one's own
    struct Model {
      std::string backend;
      std::string model;
      ResidencyPlan::ModelView view;  // without its name
      std::string error;              // of its last load or its server's end; for an operator
    };
    std::vector<Model> models;
    ResidencyPlan::Swap last_swap;
    std::int64_t swaps = 0;
    std::int64_t host_bytes = 0;  // of models that sleep in the host's memory
  };
  // In the order in which they were first used.
  std::vector<DeviceView> Devices() const;
  // What was loaded when: of each device as ResidencyPlan::Spells says.
  struct PastSpell {
    std::string device;
    std::string backend;
    ResidencyPlan::Spell spell;  // models by their own names
  };
  std::vector<PastSpell> History() const;
  // As ModelHost::Log says; of several devices one after the other, each line with its device.
  std::vector<std::string> Log(const Backend& backend, std::string_view model) const;

  // Ends what moerge runs for models, and waits until it has. No call may be under way, nor come.
  void Stop();

 private:
  struct Impl;
  class Device;
  class DeviceGroup;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
