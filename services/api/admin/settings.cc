// The configuration in force, each value with its origin.
#include <algorithm>
#include <string>
#include <utility>

#include "config/base/json.h"
#include "config/settings.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/error.h"

namespace moerge::api {
namespace {

const Backend& SpecIn(const Backend& entry) { return entry; }
const Expert& SpecIn(const ExpertEntry& entry) { return entry.spec; }
const Skill& SpecIn(const SkillEntry& entry) { return entry.spec; }
const Policy& SpecIn(const Policy& entry) { return entry; }
const ApiKey& SpecIn(const ApiKey& entry) { return entry; }

// As this list names it.
std::string_view ShownOrigin(Origin origin) {
  switch (origin) {
    case Origin::kBuiltIn: return "default";
    case Origin::kFile: return "file";
    case Origin::kStore: return "api";
  }
  return "api";
}

// How many entries of a kind come from where, as one row for each origin.
template <class Entries>
void WriteEntryCounts(std::string_view kind, const Entries& entries, json::Writer& writer) {
  for (const Origin origin : {Origin::kBuiltIn, Origin::kFile, Origin::kStore}) {
    const auto count = std::ranges::count_if(
        entries, [origin](const auto& entry) { return SpecIn(entry).origin == origin; });
    if (count == 0) continue;
    writer.BeginObject().Field("path", kind).Field("value", std::to_string(count));
    writer.Field("origin", ShownOrigin(origin)).Field("restart", false).EndObject();
  }
}

std::string SettingsJson(const Config& config, const Snapshot& snapshot) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").TextOrNull("file", config.file);
  writer.Field("revision", snapshot.revision).Key("data").BeginArray();
  for (const Setting& setting : SettingsOf(config)) {
    writer.BeginObject().Field("path", setting.path).Field("value", setting.value);
    writer.Field("origin", ValueSourceName(setting.source));
    writer.Field("restart", setting.restart).EndObject();
  }
  WriteEntryCounts("backends", snapshot.backends, writer);
  WriteEntryCounts("experts", snapshot.experts, writer);
  WriteEntryCounts("skills", snapshot.skills, writer);
  WriteEntryCounts("policies", snapshot.policies, writer);
  WriteEntryCounts("keys", snapshot.keys, writer);
  writer.EndArray().Field("has_more", false).EndObject();
  return out;
}

Task<void> ListSettings(ApiCall& call) {
  std::string json = SettingsJson(*call.config, *call.router->snapshot());
  co_await SendJson(call, std::move(json));
}

}  // namespace

void AddSettingRoutes(RouteTable& table, ApiContext&) {
  table.Add("GET", "/api/v1/settings", Access::kRead, ListSettings);
}

}  // namespace moerge::api
