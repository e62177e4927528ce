// One ProtocolClient per protocol, for one event loop. Threads: that loop only.
#pragma once

#include <array>
#include <memory>
#include <utility>

#include "adapters/protocol.h"
#include "config/entities.h"

namespace moerge {

class ProtocolSet {
 public:
  ProtocolSet() = default;
  // All that moerge speaks, through `http`, which outlives the set.
  static ProtocolSet Make(HttpClient& http) {
    ProtocolSet set;
    for (const Protocol protocol : {Protocol::kOpenAi, Protocol::kAnthropic, Protocol::kOllama}) {
      set.Put(protocol, MakeProtocolClient(protocol, http));
    }
    return set;
  }

  void Put(Protocol protocol, std::unique_ptr<ProtocolClient> client) {
    clients_[static_cast<std::size_t>(protocol)] = std::move(client);
  }
  // REQUIRES: one was put there.
  ProtocolClient& For(Protocol protocol) { return *clients_[static_cast<std::size_t>(protocol)]; }

 private:
  std::array<std::unique_ptr<ProtocolClient>, 3> clients_;
};

}  // namespace moerge
