// Backends, experts, skills and policies: list, get, create, replace, change, remove; one code for
// all.
#include <algorithm>

#include "config/base/text.h"
#include "registry/change_check.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/admin/paging.h"
#include "services/api/error.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

template <class T>
Task<void> List(ApiCall& call, ApiContext& context, const Snapshot& snapshot) {
  const Result<Page> page = ReadPage(call.exchange.request());
  if (!page) co_return co_await SendError(call, page.error());
  const auto spec_of = [](const auto& entry) -> const T& { return EntityKind<T>::Spec(entry); };
  const auto write = [&](const auto& entry, json::Writer& writer) {
    writer.Raw(Shown(context.shared(), snapshot, EntityKind<T>::Spec(entry)));
  };
  std::string out =
      PageJson(*page, snapshot.revision, EntityKind<T>::List(snapshot), spec_of, write);
  co_await SendJson(call, std::move(out));
}

template <class T>
Task<void> Get(ApiCall& call, ApiContext& context, const Snapshot& snapshot) {
  const std::string name(call.Parameter("name"));
  const T* entity = EntityKind<T>::Find(snapshot, name);
  if (entity == nullptr) co_return co_await SendError(call, NoSuchEntity<T>(snapshot, name));
  call.exchange.SetHeader("etag", TagOf(*entity));
  co_await SendJson(call, Shown(context.shared(), snapshot, *entity));
}

// Answers with the entity as it is now in force.
template <class T>
Task<void> SendEntity(ApiCall& call, ApiContext& context, const std::string& name, int status) {
  const SnapshotPtr snapshot = context.shared().registry.Current();
  const T* saved = EntityKind<T>::Find(*snapshot, name);
  std::string body = "{}";
  if (saved != nullptr) {
    call.exchange.SetHeader("etag", TagOf(*saved));
    body = Shown(context.shared(), *snapshot, *saved);
  }
  co_await SendJson(call, std::move(body), status);
}

// Checks all that would be checked, and shows what would be there.
template <class T>
Task<void> TryEdit(ApiCall& call, ApiContext& context, const EntityEdit& edit) {
  const SnapshotPtr snapshot = context.shared().registry.Current();
  Result<T> entity = Edited<T>(edit, *snapshot, *call.config);
  if (!entity) co_return co_await SendError(call, std::move(entity).error());
  StoreChange change;
  EntityKind<T>::Put(change).push_back(*entity);
  if (Status sound = CheckChange(change, *snapshot, call.config->file); !sound) {
    co_return co_await SendError(call, std::move(sound).error());
  }
  call.exchange.SetHeader("x-moerge-dry-run", "true");
  std::string body = Shown(context.shared(), *snapshot, *entity);
  co_await SendJson(call, std::move(body));
}

// Makes an edit durable and visible. Worked out on the store thread, so that of two at once the
// second one sees what the first has done.
template <class T>
Task<void> Apply(ApiCall& call, ApiContext& context, EntityEdit edit) {
  const Result<bool> dry = WantsDryRun(call.exchange.request());
  if (!dry) co_return co_await SendError(call, dry.error());
  if (*dry) co_return co_await TryEdit<T>(call, context, edit);
  struct Done {
    std::string name;
    bool created = false;
  };
  const auto done = std::make_shared<Done>();
  Registry& registry = context.shared().registry;
  Registry::Make make = [done, edit = std::move(edit), config = call.config, &registry](
                            Store&, const StoredState&) -> Result<StoreChange> {
    const SnapshotPtr snapshot = registry.Current();
    Result<T> entity = Edited<T>(edit, *snapshot, *config);
    if (!entity) return std::move(entity).error();
    done->name = entity->name;
    done->created = EntityKind<T>::Find(*snapshot, entity->name) == nullptr;
    StoreChange change;
    EntityKind<T>::Put(change).push_back(*std::move(entity));
    return change;
  };
  Result<std::uint64_t> revision =
      co_await ChangeRegistry(registry, AuthorOf(call), std::move(make));
  if (!revision) co_return co_await SendError(call, std::move(revision).error());
  co_await SendEntity<T>(call, context, done->name, done->created ? 201 : 200);
}

template <class T>
Task<void> Create(ApiCall& call, ApiContext& context) {
  EntityEdit edit{.kind = EditKind::kCreate};
  edit.body = call.exchange.TakeBody();
  co_await Apply<T>(call, context, std::move(edit));
}

// PUT: a whole new one under the path's name. PATCH: what is there, changed.
template <class T>
Task<void> Change(ApiCall& call, ApiContext& context, EditKind kind) {
  EntityEdit edit{.kind = kind, .name = std::string(call.Parameter("name"))};
  edit.if_match = call.exchange.request().Find("if-match");
  edit.body = call.exchange.TakeBody();
  co_await Apply<T>(call, context, std::move(edit));
}

// The change that removes the path's entity.
template <class T>
Result<StoreChange> Removal(const std::string& name, const std::string& if_match,
                            const Snapshot& snapshot) {
  const T* entity = EntityKind<T>::Find(snapshot, name);
  if (entity == nullptr) return NoSuchEntity<T>(snapshot, name);
  if (Status match = CheckMatch(if_match, TagOf(*entity)); !match) return std::move(match).error();
  StoreChange change;
  EntityKind<T>::Remove(change).push_back(name);
  return change;
}

Task<void> SendRemoved(ApiCall& call, const std::string& name, std::uint64_t revision) {
  std::string out = "{\"name\":";
  json::AppendQuoted(name, &out);
  out += ",\"removed\":true,\"revision\":" + std::to_string(revision) + "}";
  co_await SendJson(call, std::move(out));
}

template <class T>
Task<void> TryRemove(ApiCall& call, const Result<StoreChange>& removal, const Snapshot& snapshot,
                     const std::string& name) {
  if (!removal) co_return co_await SendError(call, removal.error());
  if (Status sound = CheckChange(*removal, snapshot, call.config->file); !sound) {
    co_return co_await SendError(call, std::move(sound).error());
  }
  call.exchange.SetHeader("x-moerge-dry-run", "true");
  co_await SendRemoved(call, name, snapshot.revision);
}

template <class T>
Task<void> RemoveEntity(ApiCall& call, ApiContext& context) {
  const std::string name(call.Parameter("name"));
  const std::string if_match(call.exchange.request().Find("if-match"));
  const Result<bool> dry = WantsDryRun(call.exchange.request());
  if (!dry) co_return co_await SendError(call, dry.error());
  Registry& registry = context.shared().registry;
  const SnapshotPtr snapshot = registry.Current();
  if (*dry) {
    const Result<StoreChange> removal = Removal<T>(name, if_match, *snapshot);
    co_return co_await TryRemove<T>(call, removal, *snapshot, name);
  }
  Registry::Make make = [name, if_match, &registry](Store&, const StoredState&) {
    return Removal<T>(name, if_match, *registry.Current());
  };
  Result<std::uint64_t> revision =
      co_await ChangeRegistry(registry, AuthorOf(call), std::move(make));
  if (!revision) co_return co_await SendError(call, std::move(revision).error());
  co_await SendRemoved(call, name, *revision);
}

// The snapshot must outlive the coroutine that reads it.
template <class T>
Task<void> Read(ApiCall& call, ApiContext& context,
                Task<void> (*read)(ApiCall&, ApiContext&, const Snapshot&)) {
  const SnapshotPtr snapshot = context.shared().registry.Current();
  co_await read(call, context, *snapshot);
}

template <class T>
void AddKind(RouteTable& table, ApiContext& context) {
  const std::string list(EntityKind<T>::kPath);
  const std::string one = list + "/{name...}";
  table.Add("GET", list, Access::kRead,
            [&context](ApiCall& call) { return Read<T>(call, context, List<T>); });
  if constexpr (!std::is_same_v<T, Expert>) {  // they come with samples: onboarding.cc
    table.Add("POST", list, Access::kAdmin,
              [&context](ApiCall& call) { return Create<T>(call, context); });
  }
  table.Add("GET", one, Access::kRead,
            [&context](ApiCall& call) { return Read<T>(call, context, Get<T>); });
  table.Add("PUT", one, Access::kAdmin,
            [&context](ApiCall& call) { return Change<T>(call, context, EditKind::kReplace); });
  table.Add("PATCH", one, Access::kAdmin,
            [&context](ApiCall& call) { return Change<T>(call, context, EditKind::kPatch); });
  table.Add("DELETE", one, Access::kAdmin,
            [&context](ApiCall& call) { return RemoveEntity<T>(call, context); });
}

}  // namespace

void AddEntityRoutes(RouteTable& table, ApiContext& context) {
  AddKind<Backend>(table, context);
  AddKind<Expert>(table, context);
  AddKind<Skill>(table, context);
  AddKind<Policy>(table, context);
}

}  // namespace moerge::api
