// The record of changes: list with filters, and all of it as JSON lines.
#include <functional>
#include <string>
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/paging.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

constexpr int kExportPage = 500;

Result<std::int64_t> ReadCursor(const http::Request& request, std::string_view name) {
  const std::string text = request.Query(name);
  if (text.empty()) return std::int64_t{0};
  const auto number = ParseInt(text);
  if (!number || *number < 1) return FieldError(std::string(name), "a whole number from 1");
  return *number;
}

Result<AuditFilter> ReadAuditFilter(const http::Request& request) {
  AuditFilter filter;
  TakeTextFilter(request, "who", &filter.who);
  TakeTextFilter(request, "kind", &filter.kind);
  TakeTextFilter(request, "name", &filter.name);
  TakeTextFilter(request, "action", &filter.action);
  Status taken = TakeTimeFilter(request, "since", &filter.since);
  if (taken) taken = TakeTimeFilter(request, "until", &filter.until);
  if (!taken) return std::move(taken).error();
  const Result<std::int64_t> revision = ReadCursor(request, "revision");
  if (!revision) return revision.error();
  if (*revision > 0) filter.revision = static_cast<std::uint64_t>(*revision);
  const Result<std::int64_t> before = ReadCursor(request, "before");
  if (!before) return before.error();
  filter.before_id = *before;
  const Result<int> limit = ReadLimit(request, filter.limit);
  if (!limit) return limit.error();
  filter.limit = *limit;
  return filter;
}

void WriteAudit(const AuditRecord& record, json::Writer& writer) {
  writer.BeginObject().Field("id", record.id).Field("time", FormatTime(record.time));
  writer.Field("revision", record.revision).TextOrNull("who", record.by.who);
  writer.Field("through", record.by.through).TextOrNull("request_id", record.by.request_id);
  writer.Field("action", record.action).Field("kind", record.kind).Field("name", record.name);
  writer.RawOrNull("before", record.before).RawOrNull("after", record.after).EndObject();
}

Task<Result<std::vector<AuditRecord>>> AskAudit(ApiContext& context, AuditFilter filter) {
  std::function<Result<std::vector<AuditRecord>>(Store&)> job =
      [filter = std::move(filter)](Store& store) { return store.audit().List(filter); };
  co_return co_await OnStore(context.shared().store, std::move(job));
}

Task<void> ListAudit(ApiCall& call, ApiContext& context) {
  Result<AuditFilter> filter = ReadAuditFilter(call.exchange.request());
  if (!filter) co_return co_await SendError(call, std::move(filter).error());
  const auto limit = static_cast<std::size_t>(filter->limit);
  const auto records = co_await AskAudit(context, *std::move(filter));
  if (!records) co_return co_await SendError(call, records.error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const AuditRecord& record : *records) WriteAudit(record, writer);
  writer.EndArray().Field("has_more", records->size() == limit).EndObject();
  co_await SendJson(call, std::move(out));
}

// A page at a time, so that neither the store nor memory is held by a long record.
Task<void> ExportAudit(ApiCall& call, ApiContext& context) {
  Result<AuditFilter> filter = ReadAuditFilter(call.exchange.request());
  if (!filter) co_return co_await SendError(call, std::move(filter).error());
  filter->limit = kExportPage;
  auto records = co_await AskAudit(context, *filter);
  if (!records) co_return co_await SendError(call, records.error());
  call.exchange.SetHeader("content-disposition", "attachment; filename=\"audit.jsonl\"");
  Status sent = co_await call.exchange.BeginStream(200, "application/x-ndjson");
  while (sent && records && !records->empty()) {
    std::string lines;
    for (const AuditRecord& record : *records) {
      json::Writer writer(&lines);
      WriteAudit(record, writer);
      lines += '\n';
    }
    sent = co_await call.exchange.Write(lines);
    if (records->size() < kExportPage) break;
    filter->before_id = records->back().id;
    records = co_await AskAudit(context, *filter);
  }
  if (!sent || !records) co_return call.exchange.Abort();
  (void)co_await call.exchange.EndStream();
}

}  // namespace

void AddAuditRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/audit", Access::kRead,
            [&context](ApiCall& call) { return ListAudit(call, context); });
  table.Add("GET", "/api/v1/audit/export", Access::kRead,
            [&context](ApiCall& call) { return ExportAudit(call, context); });
}

}  // namespace moerge::api
