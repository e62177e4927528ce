// How the work on a batch ends: its files are shown, its record says what became of it, and what it
// no longer needs is removed.
#include <functional>
#include <utility>

#include "config/base/log.h"
#include "services/api/store_call.h"
#include "services/jobs/batch_work.h"

namespace moerge {
// Files of answers and failures are there for clients from now on.
Task<Status> BatchWork::AddFiles() {
  Status added = co_await AddFile(batch_.output_file, "output", batch_.answered);
  if (added) added = co_await AddFile(batch_.error_file, "error", batch_.failures);
  co_return added;
}

Task<Status> BatchWork::AddFile(const std::string& id, std::string_view kind, std::int64_t lines) {
  using Bytes = Result<std::int64_t>;
  std::function<Bytes()> size = [&room = parts_.room, id, lines]() -> Bytes {
    if (lines > 0) return room.Size(id);
    room.Remove(id);
    return 0;
  };
  Bytes bytes = co_await OnDisk(std::move(size));
  if (!bytes || lines == 0) co_return bytes ? Status(Ok{}) : Status(std::move(bytes).error());
  const StoredFile file{.id = id,
                        .client = batch_.client,
                        .name = batch_.id + "_" + std::string(kind) + ".jsonl",
                        .purpose = "batch_output",
                        .bytes = *bytes,
                        .created = NowInSeconds()};
  std::function<Status(Store&)> add = [record = RecordOf(file)](Store& store) -> Status {
    // It may be there: the process that added it died before it said that the batch is over.
    Result<bool> removed = store.jobs().Remove(record.kind, record.id);
    if (!removed) return std::move(removed).error();
    return store.jobs().Add(record);
  };
  co_return co_await api::OnStore(parts_.store, std::move(add));
}

Task<bool> BatchWork::Close(Status done) {
  co_await CloseJournal();
  output_.reset();
  if (end_ == End::kLost) co_return true;
  if (end_ == End::kStopped) {  // as it stands, for whoever comes next
    (void)co_await Keep(true, std::chrono::seconds(0));
    co_return true;
  }
  if (!done && MayPass(done.error())) {
    LogError("a batch cannot go on; it is tried again",
             {{"batch", batch_.id}, {"error", done.error().message}});
    co_return false;
  }
  if (!done) {
    SetFailed(done.error());
    (void)co_await AddFiles();  // what was done before counts
  } else if (!batch_.over()) {
    SetEnd();
  }
  std::function<Status()> drop = [&room = parts_.room, id = batch_.id]() -> Status {
    CallFile::RemoveAll(room, id);
    return Ok{};
  };
  (void)co_await OnDisk(std::move(drop));
  Status kept = co_await Keep(false);
  if (!kept) {
    LogError("a batch could not be ended; it is tried again",
             {{"batch", batch_.id}, {"error", kept.error().message}});
    co_return false;
  }
  std::function<Status()> forget = [&room = parts_.room, id = batch_.id]() -> Status {
    room.Remove(InputNameOf(id));
    return Ok{};
  };
  (void)co_await OnDisk(std::move(forget));
  LogInfo("a batch is over", {{"batch", batch_.id},
                              {"status", batch_.status},
                              {"answered", batch_.answered},
                              {"failed", batch_.failures}});
  co_return true;
}

void BatchWork::SetEnd() {
  const std::int64_t now = NowInSeconds();
  if (end_ == End::kCancelled) {
    if (batch_.cancelling == 0) batch_.cancelling = now;
    batch_.cancelled = now;
    batch_.status = "cancelled";
  } else if (end_ == End::kExpired) {
    batch_.expired = now;
    batch_.status = "expired";
  } else {
    batch_.finalizing = batch_.completed = now;
    batch_.status = "completed";
  }
}

// It cannot be run, or not to its end: its file is gone or damaged.
void BatchWork::SetFailed(const Error& error) {
  LogError("a batch cannot be run", {{"batch", batch_.id}, {"error", error.message}});
  batch_.status = "failed";
  batch_.failed = NowInSeconds();
  batch_.faults = {{.code = "input_unreadable", .message = error.message}};
}

}  // namespace moerge
