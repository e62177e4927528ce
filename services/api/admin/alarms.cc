// GET /api/v1/alarms: experts and policies on trial whose measured success has fallen.
#include <memory>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/trial_json.h"
#include "services/api/error.h"
#include "services/api/store_call.h"
#include "services/watch/success_watch.h"

namespace moerge::api {
namespace {

using Alarms = std::vector<Alarm>;

Task<void> ListAlarms(ApiCall& call, ApiContext& context) {
  const Executor loop = co_await ThisLoop();
  const auto handover = std::make_shared<Handover<Alarms>>(loop);
  SuccessWatch::Done done = [handover](Result<Alarms> alarms) {
    Handover<Alarms>::Give(handover, std::move(alarms));
  };
  context.shared().watch.Look(std::move(done));
  const Result<Alarms> alarms = co_await handover->Take();
  if (!alarms) co_return co_await SendError(call, alarms.error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const Alarm& alarm : *alarms) WriteAlarm(alarm, writer);
  writer.EndArray().Field("has_more", false).EndObject();
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddAlarmRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/alarms", Access::kRead,
            [&context](ApiCall& call) { return ListAlarms(call, context); });
}

}  // namespace moerge::api
