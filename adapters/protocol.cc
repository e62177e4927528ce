#include "adapters/protocol.h"

#include "adapters/protocols.h"

namespace moerge {

Task<Result<StreamSummary>> ProtocolClient::ForwardStream(const ChatCall& call,
                                                          std::string_view path, ChunkSink&,
                                                          const CallScope&) {
  co_return Error{ErrorCode::kInvalid, "backend `" + call.backend->name +
                                           "` cannot stream what goes to `" + std::string(path) +
                                           "`"};
}

std::unique_ptr<ProtocolClient> MakeProtocolClient(Protocol protocol, HttpClient& http) {
  switch (protocol) {
    case Protocol::kOpenAi: return MakeOpenAiClient(http);
    case Protocol::kAnthropic: return MakeAnthropicClient(http);
    case Protocol::kOllama: return MakeOllamaClient(http);
  }
  return nullptr;
}

}  // namespace moerge
