// The client's end of a streamed answer, as the pipeline needs it.
#pragma once

#include <string_view>

#include "adapters/chat.h"

namespace moerge {

class ClientStream : public ChunkSink {
 public:
  // Whether any of an answer has gone to the client: from then on no other expert may give it.
  virtual bool answering() const = 0;
  // Sends a sign of life to the client; begins the stream. Error: kCancelled, it left.
  virtual Task<Status> KeepAlive() = 0;
  // Whether the client asked to be told.
  virtual bool wants_progress() const { return false; }
  // Tells what has happened, a JSON object; begins the stream. Error: as KeepAlive.
  virtual Task<Status> Progress(std::string_view happened) = 0;
};

}  // namespace moerge
