// Evidence in and out: import of tables and exports, export, forgetting sources and single items.
#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/hygiene.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/dry_change.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/admin/profile_sources.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/store_call.h"
#include "services/profile_file.h"

namespace moerge::api {
namespace {

constexpr std::size_t kMostExported = 256u << 20;

bool Asked(const http::Request& request, std::string_view name) {
  return EqualsIgnoreCase(request.Query(name), "true");
}

// Whether the source is as the request's If-Match says; in Registry::Make, so that nothing comes
// between.
using SourceCheck = std::function<Status(const StoredState&)>;
SourceCheck CheckOf(const http::Request& request, const std::string& source) {
  return [source, if_match = std::string(request.Find("if-match"))](const StoredState& state) {
    if (if_match.empty()) return Status(Ok{});
    return CheckMatch(if_match, TagOfSource(state.evidence, source));
  };
}

// Parsing a large table takes its time, so it happens on the store thread.
Task<void> Import(ApiCall& call, ApiContext& context) {
  const http::Request& request = call.exchange.request();
  ImportOptions options;
  options.source = request.Query("source");
  if (options.source.empty()) options.source = "import:api";
  options.table.strict = Asked(request, "strict");
  const std::string excluded = request.Query("exclude");
  for (const std::string_view id : Split(excluded, ',')) {
    if (!Trim(id).empty()) options.table.exclude.emplace(Trim(id));
  }
  const auto body = std::make_shared<const std::string>(call.exchange.TakeBody());
  const auto report = std::make_shared<std::string>();
  Registry& registry = context.shared().registry;
  Registry::Make make = [body, options, report, &registry,
                         check = CheckOf(request, options.source)](
                            Store&, const StoredState& state) -> Result<StoreChange> {
    if (Status same = check(state); !same) return std::move(same).error();
    auto file = ImportFile(*body, options, *registry.Current(), std::chrono::system_clock::now());
    if (!file) return std::move(file).error();
    *report = std::move(file->report);
    return std::move(file->change);
  };
  Result<ChangeMade> made = co_await ChangeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, std::move(made).error());
  co_await SendJson(call, std::move(*report));
}

Task<void> Export(ApiCall& call, ApiContext& context) {
  const bool observations = Asked(call.exchange.request(), "observations");
  std::function<Result<std::string>(Store&)> job = [observations](Store& store) {
    return ExportText(store, observations, kMostExported);
  };
  Result<std::string> text = co_await OnStore(context.shared().store, std::move(job));
  if (!text) co_return co_await SendError(call, std::move(text).error());
  http::Reply reply;
  reply.content_type = "application/x-ndjson";
  reply.body = *std::move(text);
  (void)co_await call.exchange.Send(std::move(reply));
}

Task<void> ForgetSource(ApiCall& call, ApiContext& context) {
  const std::string source(call.Parameter("source"));
  Registry::Make make = [source, check = CheckOf(call.exchange.request(), source)](
                            Store&, const StoredState& state) -> Result<StoreChange> {
    if (Status same = check(state); !same) return std::move(same).error();
    StoreChange change;
    change.forget_sources.push_back(source);
    return change;
  };
  Result<ChangeMade> made = co_await ChangeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, std::move(made).error());
  std::string out = "{\"source\":";
  json::AppendQuoted(source, &out);
  out += ",\"forgotten\":true,\"revision\":" + std::to_string(made->revision) + "}";
  co_await SendJson(call, std::move(out));
}

struct ItemsRequest {
  std::string source;
  std::set<std::string> ids;
};

Result<ItemsRequest> ReadItems(std::string_view body) {
  const Result<json::Document> document = json::Document::Parse(body);
  if (!document) return document.error();
  ItemsRequest out;
  out.source = document->root().Find("source").AsString().value_or("");
  if (out.source.empty()) return FieldError("source", "the name of a source");
  const json::Value ids = document->root().Find("ids");
  if (!ids.is_array() || ids.size() == 0) return FieldError("ids", "a list of ids");
  for (const json::Value id : ids.children()) {
    const auto text = id.AsString();
    if (!text) return WrongType("ids", "a list of texts", id);
    out.ids.emplace(*text);
  }
  return out;
}

void WriteList(std::string_view key, const std::vector<std::string>& list, json::Writer& writer) {
  writer.Key(key).BeginArray();
  for (const std::string& one : list) writer.String(one);
  writer.EndArray();
}

Task<void> ForgetSomeItems(ApiCall& call, ApiContext& context) {
  Result<ItemsRequest> request = ReadItems(call.exchange.TakeBody());
  if (!request) co_return co_await SendError(call, std::move(request).error());
  const auto forgotten = std::make_shared<Forgotten>();
  const std::string source = request->source;
  Registry::Make make = [request = *std::move(request), forgotten,
                         check = CheckOf(call.exchange.request(), source)](
                            Store& store, const StoredState& state) -> Result<StoreChange> {
    if (Status same = check(state); !same) return std::move(same).error();
    auto items = ForgetItems(store, state, request.source, request.ids);
    if (!items) return std::move(items).error();
    *forgotten = *std::move(items);
    return std::move(forgotten->change);
  };
  Result<ChangeMade> made = co_await ChangeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, std::move(made).error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("source", source);
  WriteList("forgotten", forgotten->ids, writer);
  WriteList("missing", forgotten->missing, writer);
  writer.Field("left", forgotten->left).Field("revision", made->revision).EndObject();
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddProfileFileRoutes(RouteTable& table, ApiContext& context) {
  table.Add("POST", "/api/v1/profiles/import", Access::kAdmin,
            [&context](ApiCall& call) { return Import(call, context); });
  table.Add("GET", "/api/v1/profiles/export", Access::kRead,
            [&context](ApiCall& call) { return Export(call, context); });
  table.Add("POST", "/api/v1/profiles/forget", Access::kAdmin,
            [&context](ApiCall& call) { return ForgetSomeItems(call, context); });
  AddProfileSourceRoutes(table, context);
  table.Add("DELETE", "/api/v1/profile-sources/{source...}", Access::kAdmin,
            [&context](ApiCall& call) { return ForgetSource(call, context); });
}

}  // namespace moerge::api
