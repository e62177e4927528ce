#include "services/jobs/job_lease.h"

#include <optional>
#include <utility>

#include "config/base/log.h"
#include "services/api/store_call.h"

namespace moerge {

bool MayPass(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kOverloaded ||
         error.code == ErrorCode::kConflict;
}

JobLease::JobLease(StoreThread& store, const Executor& loop, JobRecord record,
                   std::chrono::milliseconds poll)
    : store_(store), record_(std::move(record)), poll_(poll), ending_(loop), beats_(loop) {}

Task<Result<JobLease::Wish>> JobLease::Keep(Kept kept, std::chrono::seconds lease) {
  record_.state = std::move(kept.state);
  record_.open = kept.open;
  record_.json = std::move(kept.json);
  record_.until = std::chrono::system_clock::now() + lease;
  using Found = std::optional<std::string>;
  std::function<Result<Found>(Store&)> keep = [record = record_](Store& store) {
    return store.jobs().Keep(record);
  };
  Result<Found> wish = co_await api::OnStore(store_, std::move(keep));
  if (!wish) co_return std::move(wish).error();
  if (!wish->has_value()) co_return Wish::kLost;
  co_return **wish == "cancel" ? Wish::kCancel : Wish::kNone;
}

void JobLease::Begin(std::string what, std::function<Task<Status>()> beat) {
  beats_.Start("a job's lease", Beat(std::move(what), std::move(beat)));
}

Task<void> JobLease::End() {
  working_ = false;
  ending_.Set();
  co_await beats_.Join();
}

Task<void> JobLease::Beat(std::string what, std::function<Task<Status>()> beat) {
  while (working_) {
    const Deadline next = Deadline::After(poll_);
    (void)co_await ending_.WaitUntil(next);
    if (!working_) break;
    const Status kept = co_await beat();
    if (kept) continue;
    LogWarning(what + "'s lease was not renewed",
               {{"id", record_.id}, {"error", kept.error().message}});
  }
}

}  // namespace moerge
