// What evidence says about experts, and how more of it comes in.
#include "registry/profile_import.h"

#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/table_reader.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/paging.h"
#include "services/api/error.h"
#include "services/api/store_call.h"
#include "services/profile_report_json.h"

namespace moerge::api {
namespace {

void WriteProfile(const ExpertEntry& expert, json::Writer& writer) {
  writer.BeginObject().Field("expert", expert.spec.name);
  double wins = 0;
  double trials = 0;
  writer.Key("measured").BeginArray();
  for (const SkillRecord& record : expert.record) {
    writer.BeginObject().Field("skill", NameOf(record.skill));
    writer.Field("wins", double{record.wins}).Field("trials", double{record.trials});
    writer.Field("mean", record.trials > 0 ? double{record.wins} / record.trials : 0.0).EndObject();
    wins += record.wins;
    trials += record.trials;
  }
  writer.EndArray();
  writer.Key("declared").BeginObject();
  for (const auto& [skill, strength] : expert.spec.skills) writer.Field(skill, strength);
  writer.EndObject();
  writer.Field("wins", wins).Field("trials", trials).EndObject();
}

Task<void> ListProfiles(ApiCall& call, ApiContext& context) {
  const Result<Page> page = ReadPage(call.exchange.request());
  if (!page) co_return co_await SendError(call, page.error());
  const SnapshotPtr snapshot = context.shared().registry.Current();
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Field("revision", snapshot->revision);
  writer.Key("data").BeginArray();
  int count = 0;
  bool more = false;
  for (const ExpertEntry& expert : snapshot->experts) {
    if (!page->after.empty() && expert.spec.name <= page->after) continue;
    more = count++ == page->limit;
    if (more) break;
    WriteProfile(expert, writer);
  }
  writer.EndArray().Field("has_more", more).EndObject();
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
  WriteProfile(*expert, writer);
  co_await SendJson(call, std::move(out));
}

// What an import will change, and what it taught, as JSON.
struct Imported {
  StoreChange change;
  std::string report;
};

// Parsing a large table takes its time, so it happens on the store thread.
Result<Imported> Import(const Registry& registry, const std::string& body,
                        const std::string& source, bool strict) {
  const Result<Table> table = ParseTable(body, TableOptions{strict});
  if (!table) return table.error();
  if (table->rows.empty()) {
    std::string why = "the table has no good row";
    if (!table->report.messages.empty()) why += "; " + table->report.messages.front();
    return Error{.code = ErrorCode::kInvalid, .message = why};
  }
  ProfileImport import =
      ImportProfile(table->rows, *registry.Current(), source, std::chrono::system_clock::now());
  std::string report = ProfileReportJson(import.report, table->report);
  return Imported{std::move(import.change), std::move(report)};
}

Task<void> ImportTable(ApiCall& call, ApiContext& context) {
  const http::Request& request = call.exchange.request();
  std::string source = request.Query("source");
  if (source.empty()) source = "import:api";
  const bool strict = EqualsIgnoreCase(request.Query("strict"), "true");
  const auto body = std::make_shared<const std::string>(call.exchange.TakeBody());
  Registry& registry = context.shared().registry;
  std::function<Result<Imported>(Store&)> job = [body, source, strict, &registry](Store&) {
    return Import(registry, *body, source, strict);
  };
  Result<Imported> imported = co_await OnStore(context.shared().store, std::move(job));
  if (!imported) co_return co_await SendError(call, std::move(imported).error());
  Result<std::uint64_t> revision = co_await ChangeRegistry(registry, std::move(imported->change));
  if (!revision) co_return co_await SendError(call, std::move(revision).error());
  co_await SendJson(call, std::move(imported->report));
}

Task<void> ForgetSource(ApiCall& call, ApiContext& context) {
  const std::string source(call.Parameter("source"));
  StoreChange change;
  change.forget_sources.push_back(source);
  Result<std::uint64_t> revision =
      co_await ChangeRegistry(context.shared().registry, std::move(change));
  if (!revision) co_return co_await SendError(call, std::move(revision).error());
  std::string out = "{\"source\":";
  json::AppendQuoted(source, &out);
  out += ",\"forgotten\":true,\"revision\":" + std::to_string(*revision) + "}";
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddProfileRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/profiles", Access::kAdmin,
            [&context](ApiCall& call) { return ListProfiles(call, context); });
  table.Add("GET", "/api/v1/profiles/{name...}", Access::kAdmin,
            [&context](ApiCall& call) { return GetProfile(call, context); });
  table.Add("POST", "/api/v1/profiles/import", Access::kAdmin,
            [&context](ApiCall& call) { return ImportTable(call, context); });
  table.Add("DELETE", "/api/v1/profile-sources/{source...}", Access::kAdmin,
            [&context](ApiCall& call) { return ForgetSource(call, context); });
}

}  // namespace moerge::api
