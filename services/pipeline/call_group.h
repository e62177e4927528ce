// Experts asked side by side for one request, and who ends first. What they took goes to the
// round's record as it becomes known.
//
// Owner: the coroutine of an aggregator. Threads: its event loop. REQUIRES: End() was awaited
// before it is destroyed, unless the loop is gone.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <optional>

#include "config/base/cancellation.h"
#include "services/pipeline/aggregator.h"
#include "services/signals/task_group.h"

namespace moerge {

class CallGroup {
 public:
  struct Ended {
    std::size_t seat = 0;
    const ExpertEntry* expert = nullptr;
    Result<ChatReply> reply;
    Usage usage;  // already counted aside
    double cost_usd = 0;
  };

  CallGroup(const Round& round, const Executor& loop);
  ~CallGroup();
  CallGroup(const CallGroup&) = delete;
  CallGroup& operator=(const CallGroup&) = delete;

  // Asks the expert, whole and without stream. `seat` is the caller's name for the call.
  void Start(std::size_t seat, const ExpertEntry& expert);
  // Calls that Next() has not given yet.
  std::size_t under_way() const {
    return static_cast<std::size_t>(tasks_.running()) + ended_.size();
  }
  // Whichever ends next; nothing if none is under way. The client of a stream hears a comment now
  // and then while it takes.
  Task<std::optional<Ended>> Next();
  // Aborts what is under way, since nobody needs it, and waits until it has ended.
  Task<void> End();

 private:
  struct Call;

  double Reserved() const;
  Task<void> Run(Call& call);
  Task<void> Wait();
  void Keep(Call& call);

  const Round& round_;
  std::list<Call> calls_;
  std::deque<Call*> ended_;
  Cancellation::Registration client_left_;
  Deadline next_word_;
  TaskGroup tasks_;
};

}  // namespace moerge
