// Driving a stream whose events are translated: what Anthropic's and Ollama's have in common.
// Threads: the loop of the call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "adapters/completion.h"

namespace moerge {

// Hands all of `chunks` to the sink, in order.
Task<Status> WriteChunks(const ChunkWriter& writer, const std::vector<std::string>& chunks,
                         ChunkSink& sink);

// The summary at the stream's end, with an estimated usage where none was said. Error: kUpstream,
// if the answer was cut: the stream is over, and no reason for the answer's end was given.
Result<StreamSummary> FinishSummary(const ChatCall& call, bool done, StreamSummary summary);

// Fills in an estimated usage where the reply said none.
void EstimateUsage(const ChatCall& call, ChatReply* reply);

// Seconds since 1970.
std::int64_t NowInSeconds();

}  // namespace moerge
