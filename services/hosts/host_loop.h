// The hosts' own event loop, on a thread of its own: it is there after the server's loops have
// ended, so that models can be unloaded when no call runs any more, and for as long as moerge's
// processes are, since the kernel ends those with the thread that started them.
//
// Owner: the composition root; outlives whatever uses its loop. The thread starts when the loop is
// first asked for.
#pragma once

#include <memory>

#include "services/hosts/model_hosts.h"

namespace moerge {

class HostLoop final : public ModelHosts {
 public:
  HostLoop();
  ~HostLoop() override;  // ends the loop; what waits on it is destroyed

  Executor loop() override;
  std::unique_ptr<ModelHost> Make(ResidencyKind kind, ModelLost lost) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
