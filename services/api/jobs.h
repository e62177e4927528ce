// What the routes of files and batches share. Any thread, as each part's own header says.
#pragma once

#include <atomic>
#include <functional>

#include "services/jobs/file_room.h"
#include "services/work_pool.h"

namespace moerge {
class EvaluationRunner;
}

namespace moerge::api {

// Owner: the composition root.
struct Jobs {
  explicit Jobs(const std::string& store_url) : room(store_url) {}

  FileRoom room;
  WorkPool disk{1};  // one after the other, so that no event loop waits for a disk
  std::function<void()> wake = [] {};       // a batch was made
  EvaluationRunner* evaluations = nullptr;  // set before the server serves; outlives it
  std::atomic<bool> stopping = false;       // streams of progress end, so that the server can
};

}  // namespace moerge::api
