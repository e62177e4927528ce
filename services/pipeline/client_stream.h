// The client's end of a streamed answer, as the dispatcher needs it.
#pragma once

#include "adapters/chat.h"

namespace moerge {

class ClientStream : public ChunkSink {
 public:
  // Whether anything has gone to the client: from then on no other expert may be asked.
  virtual bool begun() const = 0;
  // Lets the client hear that work goes on; begins the stream. Error: kCancelled, it left.
  virtual Task<Status> KeepAlive() = 0;
};

}  // namespace moerge
