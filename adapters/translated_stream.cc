#include "adapters/translated_stream.h"

#include <chrono>

#include "adapters/upstream.h"

namespace moerge {

Task<Status> WriteChunks(const ChunkWriter& writer, const std::vector<std::string>& chunks,
                         ChunkSink& sink) {
  for (const std::string& json : chunks) {
    const ChatChunk chunk = writer.ChunkOf(json);
    Status written = co_await sink.Write(chunk);
    if (!written) co_return written;
  }
  co_return Ok{};
}

Result<StreamSummary> FinishSummary(const ChatCall& call, bool done, StreamSummary summary) {
  if (!done && summary.finish_reason.empty()) {
    return NotAnAnswer(*call.backend, "the stream ended before the answer did");
  }
  if (summary.usage.estimated) {
    summary.usage.prompt_tokens = EstimateTokens(call.body->text().size());
    summary.usage.completion_tokens =
        EstimateTokens(static_cast<std::size_t>(summary.content_bytes));
  }
  return summary;
}

void EstimateUsage(const ChatCall& call, ChatReply* reply) {
  if (!reply->usage.estimated) return;
  reply->usage.prompt_tokens = EstimateTokens(call.body->text().size());
  reply->usage.completion_tokens = EstimateTokens(reply->content.size());
}

std::int64_t NowInSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace moerge
