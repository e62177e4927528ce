// Comments on a client's stream while its answer is awaited, so that no proxy in between hangs up.
#pragma once

#include <chrono>

#include "services/calls/client_stream.h"

namespace moerge {

// What `work` gives. A client whose stream has not begun to be answered after `quiet` gets a
// comment, and again every 10 s; from the first one on an error has no status of its own. Until
// nothing of this writes to `stream` any more, `work` is not given. Threads: the stream's loop.
template <class Reply>  // ChatReply, StreamSummary
Task<Result<Reply>> WithComments(ClientStream& stream, std::chrono::milliseconds quiet,
                                 Task<Result<Reply>> work);

}  // namespace moerge
