// The protocol clients, one maker each; MakeProtocolClient chooses. For use within adapters only.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "adapters/model_memory.h"
#include "adapters/protocol.h"

namespace moerge {

std::unique_ptr<ProtocolClient> MakeOpenAiClient(HttpClient& http);
std::unique_ptr<ProtocolClient> MakeAnthropicClient(HttpClient& http);
std::unique_ptr<ProtocolClient> MakeOllamaClient(HttpClient& http);

// What servers were found to refuse, and are not sent again.
struct Refusals {
  std::set<std::string> usage;  // `stream_options`, by URL
  ModelMemory<bool> reasoning;  // that of earlier turns
};

// Posts a call's body to an OpenAI-compatible URL with the model replaced.
Task<Result<RawReply>> ForwardOpenAi(HttpClient& http, const ChatCall& call, std::string url,
                                     const CallScope& scope);
Task<Result<StreamSummary>> ForwardStreamOpenAi(HttpClient& http, const ChatCall& call,
                                                std::string url, ChunkSink& sink,
                                                const CallScope& scope, Refusals* refusals);

}  // namespace moerge
