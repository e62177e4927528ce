// Where a backend has more models than room, calls wait here for their model's turn, so that they
// are grouped by model and each is loaded as seldom as their waiting allows. What goes when is
// decided by ResidencyPlan; this acts on it: one plan per backend, shared by all event loops.
//
// The server loads a model when the first of its calls arrives, so that the calls that were let go
// are all that moerge does about it (residency kind llama_swap).
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

namespace moerge {

class ModelTurns {
 public:
  explicit ModelTurns(Metrics& metrics);
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
    virtual void Ready() = 0;  // the first sign of an answer
    virtual void Answered() = 0;
    virtual void Failed() = 0;  // the backend failed
  };

  // Whether calls of the backend wait for turns at all.
  static bool Manages(const Backend& backend) {
    return backend.residency.kind != ResidencyKind::kAlways;
  }

  // Waits for the turn of the call's model, on the caller's loop. REQUIRES: its backend is managed.
  // Errors: kRateLimited (max_queue calls wait already; retry_after), kOverloaded (waited twice as
  // long as max_wait and the model is not being loaded; retry_after), kUnavailable (the model could
  // not be loaded, and another expert can be asked; retry_after), kTimeout, kCancelled.
  Task<Result<std::unique_ptr<Turn>>> Enter(const ExpertCall& call, CallScope scope);

  // How long a call of the model would wait if it came now, roughly. REQUIRES: `backend` is
  // managed.
  float ExpectedWaitMs(const Backend& backend, std::string_view model) const;

  struct DeviceView {
    std::string backend;
    struct Model {
      std::string model;
      ResidencyPlan::ModelView view;  // without its name
    };
    std::vector<Model> models;
    ResidencyPlan::Swap last_swap;
    std::int64_t swaps = 0;
  };
  // By backend, in the order in which they were first used.
  std::vector<DeviceView> Devices() const;

 private:
  struct Impl;
  class Device;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
