// The whole registry as one file, out and in.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/change_check.h"
#include "registry/registry_file.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/admin/profile_sources.h"
#include "services/api/error.h"
#include "services/api/store_call.h"
#include "services/profile_file.h"

namespace moerge::api {
namespace {

constexpr std::size_t kMostBytes = 256u << 20;

Result<std::string> WholeRegistry(Store& store, bool observations) {
  const Result<StoredState> state = store.registry().Load();
  if (!state) return state.error();
  Result<std::string> profiles = ExportText(store, observations, kMostBytes);
  if (!profiles) return profiles;
  return RegistryFileHead(*state) + *profiles;
}

Task<void> ExportRegistry(ApiCall& call, ApiContext& context) {
  const bool observations = EqualsIgnoreCase(call.exchange.request().Query("observations"), "true");
  Registry& registry = context.shared().registry;
  const auto tag = std::make_shared<std::string>();
  std::function<Result<std::string>(Store&)> job = [observations, tag, &registry](Store& store) {
    *tag = TagOfRevision(registry.Current()->revision);
    return WholeRegistry(store, observations);
  };
  Result<std::string> text = co_await OnStore(context.shared().store, std::move(job));
  if (!text) co_return co_await SendError(call, std::move(text).error());
  http::Reply reply;
  reply.content_type = "application/x-ndjson";
  reply.headers.emplace_back("etag", *tag);
  reply.headers.emplace_back("content-disposition", "attachment; filename=\"registry.jsonl\"");
  reply.body = *std::move(text);
  (void)co_await call.exchange.Send(std::move(reply));
}

struct RegistryImport {
  std::string body;
  std::string if_match;
  bool replace = false;
  StoreChange change = {};
};

// Skills that evidence alone speaks of come with it.
void AddProfilesTo(StoreChange profiles, StoreChange* change) {
  for (Skill& skill : profiles.put_skills) {
    const bool there = std::ranges::any_of(
        change->put_skills, [&skill](const Skill& put) { return put.name == skill.name; });
    if (!there) change->put_skills.push_back(std::move(skill));
  }
  change->add_observations = std::move(profiles.add_observations);
  change->put_evidence = std::move(profiles.put_evidence);
  change->forget_sources = std::move(profiles.forget_sources);
  change->forget_evidence = std::move(profiles.forget_evidence);
  change->forget_observations = std::move(profiles.forget_observations);
  change->limit_observations = std::move(profiles.limit_observations);
}

// What the file changes, on the store thread; `import->change` is checked.
Status WorkOut(const StoredState& state, const Snapshot& current, const Config& config,
               RegistryImport* import) {
  Status same = CheckMatch(import->if_match, TagOfRevision(current.revision));
  if (!same) return same;
  Result<RegistryFile> file = ReadRegistryFile(import->body);
  if (!file) return std::move(file).error();
  import->change = std::move(file->change);
  if (import->replace) RemoveOthers(state, &import->change);
  for (const Backend& backend : import->change.put_backends) {
    if (Status may = CheckAllowed(config, current, backend); !may) return may;
  }
  if (!Trim(file->profiles).empty()) {
    auto profiles = ImportFile(file->profiles, {}, current, std::chrono::system_clock::now());
    if (!profiles) return std::move(profiles).error();
    AddProfilesTo(std::move(profiles->change), &import->change);
  }
  return CheckChange(import->change, current, config.file);
}

std::string RegistryImportJson(const StoreChange& change, std::uint64_t revision) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("backends", change.put_backends.size());
  writer.Field("experts", change.put_experts.size()).Field("skills", change.put_skills.size());
  writer.Field("policies", change.put_policies.size());
  writer.Field("removed", change.remove_backends.size() + change.remove_experts.size() +
                              change.remove_skills.size() + change.remove_policies.size());
  writer.Field("evidence", change.put_evidence.size());
  writer.Field("observations", change.add_observations.size());
  writer.Field("revision", revision).EndObject();
  return out;
}

Task<void> ImportRegistry(ApiCall& call, ApiContext& context) {
  const http::Request& request = call.exchange.request();
  const Result<bool> dry = WantsDryRun(request);
  if (!dry) co_return co_await SendError(call, dry.error());
  const auto import = std::make_shared<RegistryImport>();
  import->replace = EqualsIgnoreCase(request.Query("replace"), "true");
  import->if_match = request.Find("if-match");
  import->body = call.exchange.TakeBody();
  Registry& registry = context.shared().registry;
  Result<std::uint64_t> revision = std::uint64_t{0};
  if (*dry) {
    std::function<Result<std::uint64_t>(Store&)> look =
        [import, &registry, config = call.config](Store& store) -> Result<std::uint64_t> {
      const Result<StoredState> state = store.registry().Load();
      if (!state) return state.error();
      const SnapshotPtr current = registry.Current();
      if (Status can = WorkOut(*state, *current, *config, import.get()); !can) {
        return std::move(can).error();
      }
      return current->revision;
    };
    revision = co_await OnStore(context.shared().store, std::move(look));
    call.exchange.SetHeader("x-moerge-dry-run", "true");
  } else {
    Registry::Make make = [import, &registry, config = call.config](
                              Store&, const StoredState& state) -> Result<StoreChange> {
      if (Status can = WorkOut(state, *registry.Current(), *config, import.get()); !can) {
        return std::move(can).error();
      }
      return import->change;
    };
    revision = co_await ChangeRegistry(registry, AuthorOf(call), std::move(make));
  }
  if (!revision) co_return co_await SendError(call, std::move(revision).error());
  std::string json = RegistryImportJson(import->change, *revision);
  co_await SendJson(call, std::move(json));
}

}  // namespace

void AddRegistryFileRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/registry/export", Access::kRead,
            [&context](ApiCall& call) { return ExportRegistry(call, context); });
  table.Add("POST", "/api/v1/registry/import", Access::kAdmin,
            [&context](ApiCall& call) { return ImportRegistry(call, context); });
}

}  // namespace moerge::api
