#include "adapters/held_chunks.h"

namespace moerge {

Task<Status> HeldChunks::Write(const ChatChunk& chunk, bool says) {
  if (open_) co_return co_await sink_.Write(chunk);
  if (!says && held_.size() < kMost && bytes_ + chunk.json.size() <= kMostBytes) {
    bytes_ += chunk.json.size();
    held_.push_back({std::string(chunk.json), chunk.model_begin, chunk.model_end});
    co_return Ok{};
  }
  Status flushed = co_await Flush();
  if (!flushed) co_return flushed;
  co_return co_await sink_.Write(chunk);
}

Task<Status> HeldChunks::Flush() {
  open_ = true;
  for (const OwnedChunk& chunk : held_) {
    const ChatChunk view = chunk.view();
    Status written = co_await sink_.Write(view);
    if (!written) co_return written;
  }
  held_.clear();
  co_return Ok{};
}

}  // namespace moerge
