// The recorded table behind an HTTP server of its own: what `moerge replay` runs and tests start.
// Owner: the command line or a test. Start and Stop from the owner's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "config/base/metrics.h"
#include "services/http/server.h"
#include "services/replay/replay_handler.h"

namespace moerge {

class ReplayServer {
 public:
  ReplayServer(ReplayTable table, ReplayOptions options);

  Status Start();
  std::uint16_t port() const { return server_->port(); }
  const ReplayTable& table() const { return table_; }
  std::uint64_t requests() const { return requests_; }
  const ReplayDevice& device() const { return device_; }
  void Stop();

 private:
  ReplayTable table_;
  ReplayOptions options_;
  std::atomic<std::uint64_t> requests_{0};
  ReplayDevice device_;
  Metrics metrics_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace moerge
