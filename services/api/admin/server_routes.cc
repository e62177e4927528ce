// The server itself: is it alive, is it ready, what does it count, reload, what can be called.
#include <thread>

#include "config/base/json.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/docs_page.h"
#include "services/api/admin/openapi.h"
#include "services/api/admin/plain_page.h"
#include "services/api/error.h"
#include "services/api/latency_json.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

constexpr const char* kStarting =
    R"({"status":"starting","reason":"the classifiers are being trained"})";

// Alive is alive: what is wrong with the store is named, and routing goes on. Why is in the log,
// since any client may ask here.
Task<void> Health(ApiCall& call, ApiContext& context) {
  const std::string_view failing = context.shared().store.health().Failing();
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Field("status", "ok").Field("version", MOERGE_VERSION);
  writer.Field("store", failing.empty() ? "ok" : "failing");
  if (!failing.empty()) writer.Field("store_failing", failing);
  writer.EndObject();
  co_await SendJson(call, std::move(body));
}

// Ready from the moment that the classifiers were first trained. Later training runs in the
// background.
Task<void> Ready(ApiCall& call, ApiContext& context, const std::shared_ptr<bool>& once) {
  *once = *once || context.shared().trained();
  const std::uint64_t revision = context.shared().registry.Current()->revision;
  if (*once) {
    std::string body = "{\"status\":\"ready\",\"revision\":" + std::to_string(revision) + "}";
    co_return co_await SendJson(call, std::move(body));
  }
  call.exchange.SetHeader("retry-after", "1");
  co_await SendJson(call, kStarting, 503);
}

Task<void> SendMetrics(ApiCall& call, ApiContext& context) {
  ExportLatencies(context.shared().latencies, context.shared().metrics);
  http::Reply reply;
  reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
  reply.body = context.shared().metrics.Text();
  (void)co_await call.exchange.Send(std::move(reply));
}

// Reloading reads files and waits for the store, so it has a thread for as long as it takes.
Task<void> Reload(ApiCall& call, ApiContext& context) {
  const auto handover = std::make_shared<Handover<std::uint64_t>>(context.loop());
  const std::jthread worker([handover, by = AuthorOf(call), &reload = context.shared().reload] {
    Handover<std::uint64_t>::Give(handover, reload(by));
  });
  Result<std::uint64_t> revision = co_await handover->Take();
  if (!revision) co_return co_await SendError(call, std::move(revision).error());
  co_await SendJson(call, "{\"reloaded\":true,\"revision\":" + std::to_string(*revision) + "}");
}

Task<void> SendPlain(ApiCall& call, const char* type, const std::string& body) {
  http::Reply reply = PlainReply(type, body, PageForm::kNone);
  (void)co_await call.exchange.Send(std::move(reply));
}

}  // namespace

void AddServerRoutes(RouteTable& table, ApiContext& context) {
  const auto once = std::make_shared<bool>(false);
  table.Add("GET", "/health", Access::kOpen,
            [&context](ApiCall& call) { return Health(call, context); });
  table.Add("GET", "/ready", Access::kOpen,
            [&context, once](ApiCall& call) { return Ready(call, context, once); });
  table.Add("GET", "/openapi.json", Access::kOpen,
            [](ApiCall& call) { return SendJson(call, OpenApiDocument()); });
  table.Add("GET", "/docs", Access::kOpen, [](ApiCall& call) {
    static const std::string page = DocsPage(OpenApiDocument());
    return SendPlain(call, "text/html; charset=utf-8", page);
  });
  table.Add("GET", "/docs/style.css", Access::kOpen, [](ApiCall& call) {
    static const std::string style = PlainStyle();
    return SendPlain(call, "text/css; charset=utf-8", style);
  });
  table.Add("GET", "/metrics", Access::kRead,
            [&context](ApiCall& call) { return SendMetrics(call, context); });
  table.Add("POST", "/api/v1/reload", Access::kAdmin,
            [&context](ApiCall& call) { return Reload(call, context); });
}

}  // namespace moerge::api
