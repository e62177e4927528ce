// Chunks on their way to the client. Those that say nothing yet (the role, a frame, a count) wait
// for the first that does: an error right behind them may then still be somebody else's to answer.
// Threads: the loop of the call.
#pragma once

#include <string>
#include <vector>

#include "adapters/chat.h"
#include "adapters/reply_chunks.h"

namespace moerge {

class HeldChunks {
 public:
  explicit HeldChunks(ChunkSink& sink) : sink_(sink) {}

  // `says`: gives what was held, then this; from then on everything goes at once. So it does when
  // more than kMost were held.
  Task<Status> Write(const ChatChunk& chunk, bool says);
  // Gives what is held: the stream has ended well.
  Task<Status> Flush();

 private:
  static constexpr std::size_t kMost = 256;
  static constexpr std::size_t kMostBytes = 1 << 20;

  ChunkSink& sink_;
  std::vector<OwnedChunk> held_;
  std::size_t bytes_ = 0;
  bool open_ = false;
};

// Gives a whole reply to a stream, and what there is to say of it.
Task<Result<StreamSummary>> WriteReply(const ChatReply& reply, bool with_usage, ChunkSink& sink);

}  // namespace moerge
