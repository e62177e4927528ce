// Waits for the signals that stop or reload a server. SIGINT and SIGTERM stop, SIGHUP reloads;
// SIGPIPE is ignored, and SIGXFSZ: a file that may not grow is an error like a full disk. Make one
// in main's thread before any other thread starts: it blocks the signals, and threads inherit that.
#pragma once

#include <functional>

namespace moerge::cli {

class ProcessSignals {
 public:
  ProcessSignals();

  // Returns on SIGINT or SIGTERM; calls `reload` on each SIGHUP.
  void WaitForStop(const std::function<void()>& reload = {});
};

}  // namespace moerge::cli
