// The handler of one event loop: what every request goes through before and after its own handler.
// Request id, web pages, route, key, deadline; then one log line and the counters.
//
// Owner: the HTTP server, one per loop. Threads: that loop only.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "services/api/context.h"
#include "services/api/routes.h"
#include "services/http/exchange.h"

namespace moerge::api {

// Registers a group of routes. The context outlives the table.
using RouteGroup = void (*)(RouteTable& table, ApiContext& context);

// Of this folder's own files; the admin group registers itself likewise.
void AddChatRoutes(RouteTable& table, ApiContext& context);           // /v1/chat/completions
void AddDryRunRoutes(RouteTable& table, ApiContext& context);         // /v1/route
void AddModelRoutes(RouteTable& table, ApiContext& context);          // /v1/models
void AddBulkRoutes(RouteTable& table, ApiContext& context);           // /api/v1/bulk
void AddFileRoutes(RouteTable& table, ApiContext& context);           // /v1/files
void AddBatchRoutes(RouteTable& table, ApiContext& context);          // /v1/batches
void AddBatchProgressRoutes(RouteTable& table, ApiContext& context);  // /api/v1/batches
void AddForwardRoutes(RouteTable& table, ApiContext& context);  // /v1/embeddings, /v1/completions

class ApiHandler final : public http::Handler {
 public:
  ApiHandler(std::unique_ptr<ApiContext> context, const std::vector<RouteGroup>& groups);

  Task<void> Handle(http::Exchange& exchange) override;
  bool StreamsBody(const http::Request& request) const override;
  void BeginReply(http::Exchange& exchange) const override;
  http::Reply ErrorReply(int status, std::string_view message) const override;

 private:
  Task<void> Serve(ApiCall& call, const Snapshot& snapshot, const ServerConfig& config);
  Task<void> HandleOnce(ApiCall& call, const Route& route);
  Task<void> HandleLimited(ApiCall& call, const Route& route);
  static void LogCall(const ApiCall& call);

  std::unique_ptr<ApiContext> context_;
  RouteTable table_;
};

}  // namespace moerge::api
