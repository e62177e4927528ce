// Which models a backend has: of one that is there, or of an address that is to become one. For
// administrators alone, who may have this server call any address anyway; names are all that comes
// back.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "adapters/model_fetch.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/error.h"

namespace moerge::api {
namespace {

constexpr std::chrono::seconds kPatienceForModels{10};
constexpr std::size_t kMostModels = 1'000;

constexpr int kFailedDependency = 424;

// Whatever is wrong is wrong with the other server: no error of this one.
Error Unreachable(Error error) {
  if (error.code == ErrorCode::kCancelled) return error;
  error.code = ErrorCode::kUpstream;
  error.status = kFailedDependency;
  error.reason = "no_models";
  error.param.clear();
  return error;
}

Task<void> SendModels(ApiCall& call, ApiContext& context, const Backend& backend) {
  CallScope scope;
  scope.deadline = call.deadline.Within(kPatienceForModels);
  scope.cancellation = &call.exchange.cancellation();
  Result<std::vector<std::string>> models =
      co_await FetchModelNames(context.engine().http(), backend, scope, kMostModels);
  if (!models) {
    Error error = Unreachable(std::move(models).error());
    co_return co_await SendError(call, std::move(error));
  }
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const std::string& name : *models) writer.BeginObject().Field("name", name).EndObject();
  writer.EndArray().Field("has_more", models->size() == kMostModels).EndObject();
  co_await SendJson(call, std::move(out));
}

Task<void> GetModels(ApiCall& call, ApiContext& context) {
  const RouterPtr router = call.router;  // keeps the snapshot
  const Snapshot& snapshot = *router->snapshot();
  const std::string name(call.Parameter("name"));
  const Backend* backend = snapshot.FindBackend(name);
  if (backend == nullptr) co_return co_await SendError(call, NoSuchEntity<Backend>(snapshot, name));
  co_await SendModels(call, context, *backend);
}

// The body is a backend's, without a name.
Task<void> ProbeModels(ApiCall& call, ApiContext& context) {
  Backend blank;
  blank.name = "probe";
  Result<Backend> backend = ReadEntity(call.exchange.TakeBody(), std::move(blank));
  if (!backend) co_return co_await SendError(call, std::move(backend).error());
  backend->origin = Origin::kStore;
  Status may = Validate(*backend);
  if (may) may = CheckNameable(*call.config, nullptr, *backend);
  if (!may) co_return co_await SendError(call, std::move(may).error());
  co_await SendModels(call, context, *backend);
}

}  // namespace

void AddBackendModelRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/backends/{name...}/models", Access::kAdmin,
            [&context](ApiCall& call) { return GetModels(call, context); });
  table.Add("POST", "/api/v1/backends/probe", Access::kAdmin,
            [&context](ApiCall& call) { return ProbeModels(call, context); });
}

}  // namespace moerge::api
