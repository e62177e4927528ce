// A device that has room for some of the recorded models, as a server that swaps models has it: a
// request for one that is not loaded waits until the least recently used one is idle, and then for
// as long as a load takes. One that is to make room takes no more requests meanwhile.
//
// Owner: the ReplayServer. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/cancellation.h"
#include "config/base/loop_waiter.h"
#include "config/base/task.h"

namespace moerge {

class ReplayDevice {
 public:
  using Clock = std::chrono::steady_clock;

  // `slots` 0: every model is always loaded.
  ReplayDevice(int slots, std::chrono::milliseconds load) : slots_(slots), load_(load) {}

  // A request that runs on its model, until destroyed.
  class Use {
   public:
    Use(ReplayDevice& device, std::string model) : device_(device), model_(std::move(model)) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { device_.Leave(model_); }

   private:
    ReplayDevice& device_;
    std::string model_;
  };

  // Waits until the model is loaded. Null: cancelled.
  Task<std::unique_ptr<Use>> Enter(std::string model, Cancellation& cancellation);

  std::int64_t loads() const;
  std::vector<std::string> loaded() const;

 private:
  struct Model {
    std::string name;
    int running = 0;
    bool makes_room = false;
    Clock::time_point ready{};
    Clock::time_point used{};
  };
  struct Waiter : LoopWaiter {
    Waiter(std::string of, const Executor& loop) : LoopWaiter(loop), model(std::move(of)) {}
    std::string model;
    bool granted = false;
    Clock::time_point ready{};
  };

  void Leave(const std::string& model);
  void GrantAll();
  Model* Find(std::string_view name);
  Model* MakeLoaded(const std::string& name, bool* waits_for_room);

  const int slots_;
  const std::chrono::milliseconds load_;
  mutable std::mutex mutex_;  // guards what follows
  std::list<Model> models_;
  std::list<std::shared_ptr<Waiter>> waiters_;  // in the order in which they came
  std::int64_t loads_ = 0;
};

}  // namespace moerge
