#include "services/replay/replay_server.h"

#include <utility>

namespace moerge {

ReplayServer::ReplayServer(ReplayTable table, ReplayOptions options)
    : table_(std::move(table)),
      options_(std::move(options)),
      device_(options_.slots, options_.load) {
  http::ServerOptions server;
  server.host = options_.host;
  server.port = options_.port;
  server.threads = options_.threads;
  auto make = [this](const Executor&, int) {
    return std::make_unique<ReplayHandler>(table_, options_, requests_, device_);
  };
  server_ = std::make_unique<http::Server>(server, std::move(make), metrics_);
}

Status ReplayServer::Start() { return server_->Start(); }

void ReplayServer::Stop() { server_->Stop(std::chrono::milliseconds(0)); }

}  // namespace moerge
