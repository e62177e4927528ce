// What evidence says about experts: every number with its source, count and date.
#include "config/base/json.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/paging.h"
#include "services/api/error.h"
#include "services/profile_json.h"

namespace moerge::api {
namespace {

Task<void> ListProfiles(ApiCall& call, ApiContext& context) {
  const Result<Page> page = ReadPage(call.exchange.request());
  if (!page) co_return co_await SendError(call, page.error());
  const SnapshotPtr snapshot = context.shared().registry.Current();
  const auto spec_of = [](const ExpertEntry& expert) -> const Expert& { return expert.spec; };
  const auto write = [&snapshot](const ExpertEntry& expert, json::Writer& writer) {
    WriteProfile(*snapshot, expert, writer);
  };
  std::string out = PageJson(*page, snapshot->revision, snapshot->experts, spec_of, write);
  co_await SendJson(call, std::move(out));
}

Task<void> GetProfile(ApiCall& call, ApiContext& context) {
  const SnapshotPtr snapshot = context.shared().registry.Current();
  const ExpertEntry* expert = snapshot->FindExpert(call.Parameter("name"));
  if (expert == nullptr) {
    Error missing{.code = ErrorCode::kNotFound,
                  .message = "there is no expert `" + std::string(call.Parameter("name")) + "`"};
    co_return co_await SendError(call, std::move(missing));
  }
  std::string out;
  json::Writer writer(&out);
  WriteProfile(*snapshot, *expert, writer);
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddProfileRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/profiles", Access::kRead,
            [&context](ApiCall& call) { return ListProfiles(call, context); });
  table.Add("GET", "/api/v1/profiles/{name...}", Access::kRead,
            [&context](ApiCall& call) { return GetProfile(call, context); });
}

}  // namespace moerge::api
