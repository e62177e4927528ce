// One ProtocolClient per protocol, for one event loop, each made when it is first needed.
// Owner: the Engine. Threads: its loop only.
#pragma once

#include <cstdlib>
#include <memory>
#include <utility>

#include "adapters/protocol.h"
#include "config/entities.h"

namespace moerge {

class ProtocolSet {
 public:
  // They speak through `http`, which outlives the set; null: what is Put is all there is.
  explicit ProtocolSet(HttpClient* http) : http_(http) {}

  void Put(Protocol protocol, std::unique_ptr<ProtocolClient> client) {
    PlaceOf(protocol) = std::move(client);
  }
  ProtocolClient& For(Protocol protocol) {
    std::unique_ptr<ProtocolClient>& client = PlaceOf(protocol);
    if (client == nullptr) client = MakeProtocolClient(protocol, *http_);
    return *client;
  }

 private:
  // Does not compile for a protocol without a place.
  std::unique_ptr<ProtocolClient>& PlaceOf(Protocol protocol) {
    switch (protocol) {
      case Protocol::kOpenAi: return openai_;
      case Protocol::kAnthropic: return anthropic_;
      case Protocol::kOllama: return ollama_;
    }
    std::abort();
  }

  HttpClient* http_;
  std::unique_ptr<ProtocolClient> openai_;
  std::unique_ptr<ProtocolClient> anthropic_;
  std::unique_ptr<ProtocolClient> ollama_;
};

}  // namespace moerge
