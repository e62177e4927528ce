// Comments on a client's stream while its answer is awaited, so that no proxy in between hangs up.
#pragma once

#include <chrono>

#include "services/calls/client_stream.h"

namespace moerge {

// What `work` gives. A client whose stream has not begun to be answered after `quiet` gets a
// comment, and again every 10 s; from the first one on an error has no status of its own. Until
// nothing of this writes to `stream` any more, `work` is not given. Threads: the stream's loop.
Task<Result<ChatReply>> WithComments(ClientStream& stream, std::chrono::milliseconds quiet,
                                     Task<Result<ChatReply>> work);

}  // namespace moerge
