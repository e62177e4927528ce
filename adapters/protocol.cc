#include "adapters/protocol.h"

#include "adapters/protocols.h"

namespace moerge {

std::unique_ptr<ProtocolClient> MakeProtocolClient(Protocol protocol, HttpClient& http) {
  switch (protocol) {
    case Protocol::kOpenAi:
      return MakeOpenAiClient(http);
    case Protocol::kAnthropic:
      return MakeAnthropicClient(http);
    case Protocol::kOllama:
      return MakeOllamaClient(http);
  }
  return nullptr;
}

}  // namespace moerge
