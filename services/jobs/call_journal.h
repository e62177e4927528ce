// What experts replied to calls of the lines of a batch that are under way, where a line takes
// several: kept until the line is done, so that whoever goes on with the batch after a crash asks
// for the rest alone. What comes in while the disk writes is written together.
//
// Owner: the BatchWork. Threads: its loop; file work on the disk's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/base/event.h"
#include "config/base/task_group.h"
#include "services/calls/finished_calls.h"
#include "services/jobs/call_file.h"
#include "services/work_pool.h"

namespace moerge {

class CallJournal {
 public:
  // `disk` outlives it. `secret` is of the batch: see FinishedCalls.
  CallJournal(WorkPool& disk, const Executor& loop, CallFile::Opened opened, std::uint64_t secret);
  CallJournal(const CallJournal&) = delete;
  CallJournal& operator=(const CallJournal&) = delete;

  // Of a line, however often it is tried. The journal outlives it.
  FinishedCallsPtr Of(std::int64_t line);
  // They are in the output: what is kept of them is of no use.
  void LinesDone(const std::vector<std::int64_t>& lines);
  // Until nothing is written or removed any more. REQUIRED before it is destroyed; no Keep is under
  // way.
  Task<void> Join() { return tasks_.Join(); }

 private:
  class LineCalls;
  // Records that are written together.
  struct Group {
    explicit Group(const Executor& loop) : written(loop) {}
    std::string text;
    std::vector<KeptCallPlace> places;  // offsets within the text
    Event written;
  };

  // A record of that line in the group that is written next.
  std::shared_ptr<Group> Add(std::int64_t line, std::string key, std::string_view reply);
  const KeptCallPlace* Find(std::int64_t line, const std::string& key) const;
  Task<std::optional<std::string>> Read(KeptCallPlace place);
  Task<void> WriteGroups();
  void Index(KeptCallPlace place);
  void RemoveUseless();
  Task<void> Remove(std::uint32_t number);

  WorkPool& disk_;
  const Executor loop_;
  const std::shared_ptr<CallFile> file_;
  const std::uint64_t secret_;
  std::unordered_map<std::int64_t, std::vector<KeptCallPlace>> lines_;
  std::unordered_map<std::uint32_t, std::int64_t> in_file_;  // records that are of use
  std::uint32_t latest_;         // file; earlier ones are not appended to
  std::shared_ptr<Group> open_;  // null: nothing waits to be written
  bool writing_ = false;
  bool failing_ = false;  // the last group could not be written
  TaskGroup tasks_;
};

}  // namespace moerge
