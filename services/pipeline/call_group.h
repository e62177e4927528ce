// Experts asked in parallel for one request, and which ends first. What they took goes to the
// round's ledger as it becomes known; a client that wants progress learns which are asked and which
// have answered.
//
// Owner: the coroutine of an aggregator. Threads: its event loop. REQUIRES: End() was awaited
// before it is destroyed, unless the loop is gone.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/cancellation.h"
#include "config/base/task_group.h"
#include "services/pipeline/aggregator.h"

namespace moerge {

class CallGroup {
 public:
  // What is referred to outlives the call.
  struct Order {
    std::size_t seat = 0;  // the caller's name for the call
    const ExpertEntry& expert;
    const ChatRequest& request;
    std::string_view role = "answer";  // what for; lives for ever
    ClientStream* stream = nullptr;    // null: the answer is wanted whole
  };
  struct Ended {
    std::size_t seat = 0;
    const ExpertEntry* expert = nullptr;
    Result<ChatReply> reply;
    std::optional<Ledger::Entry> entry = {};  // none: it was not made
    double ms = 0;
  };

  CallGroup(const Round& round, const Executor& loop);
  ~CallGroup();
  CallGroup(const CallGroup&) = delete;
  CallGroup& operator=(const CallGroup&) = delete;

  void Start(const Order& order);
  // Calls that Next() has not given yet.
  std::size_t under_way() const {
    return static_cast<std::size_t>(tasks_.running()) + ended_.size();
  }
  // Whichever ends next; nothing if none is under way, or if none has ended at `until`.
  Task<std::optional<Ended>> Next(Deadline until = Deadline::Never());
  // Aborts one call, which Next() gives nevertheless.
  void Abort(std::size_t seat);
  // Aborts what is under way and no longer needed, and waits until it has ended.
  Task<void> End();

 private:
  struct Call;

  Task<void> Run(Call& call);
  Task<void> TellProgress();
  void Happened(std::string_view what, const Call& call);
  void Abort(Call& call);
  void Keep(Call& call);

  const Round& round_;
  std::list<Call> calls_;
  std::deque<Call*> ended_;
  std::deque<std::string> news_;
  Cancellation::Registration client_left_;
  TaskGroup tasks_;
};

}  // namespace moerge
