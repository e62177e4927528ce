// Reads what little is left of a response nobody wants any more, so that its connection can be
// kept. Owner: itself; ends after a second or 64 KiB at the latest. Threads: the pool's loop.
#pragma once

#include <memory>

#include "adapters/lean_pool.h"

namespace moerge {

// REQUIRES: the request is sent and the input of `workspace` is used up.
void StartDrain(std::shared_ptr<LeanPool> pool, LeanOrigin& origin,
                std::shared_ptr<LeanConnection> connection,
                std::unique_ptr<LeanWorkspace> workspace);

}  // namespace moerge
