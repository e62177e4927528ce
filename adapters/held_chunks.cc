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

Task<Result<StreamSummary>> WriteReply(const ChatReply& reply, bool with_usage, ChunkSink& sink) {
  StreamSummary summary;
  for (const OwnedChunk& chunk : ChunksOf(reply, nullptr, with_usage)) {
    Status written = co_await sink.Write(chunk.view());
    if (!written) co_return std::move(written).error();
    ++summary.chunks;
  }
  summary.content_bytes = static_cast<std::int64_t>(reply.content.size());
  summary.finish_reason = reply.finish_reason.empty() ? "stop" : reply.finish_reason;
  summary.usage = reply.usage;
  co_return summary;
}

}  // namespace moerge
