// Backends, experts, skills and policies: list, get, create, replace, change, remove; one code for
// all.
#include <algorithm>

#include "config/base/text.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/entity_body.h"
#include "services/api/admin/entity_kinds.h"
#include "services/api/admin/paging.h"
#include "services/api/error.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

template <class T>
Error NoSuch(const Snapshot& snapshot, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& entry : EntityKind<T>::List(snapshot)) {
    names.push_back(EntityKind<T>::Spec(entry).name);
  }
  return Error{.code = ErrorCode::kNotFound,
               .message = "there is no " + std::string(EntityKind<T>::kName) + " `" +
                          std::string(name) + "`." + DidYouMean(name, names),
               .param = "name"};
}

template <class T>
Task<void> List(ApiCall& call, ApiContext& context, const Snapshot& snapshot) {
  const Result<Page> page = ReadPage(call.exchange.request());
  if (!page) co_return co_await SendError(call, page.error());
  std::string out =
      "{\"object\":\"list\",\"revision\":" + std::to_string(snapshot.revision) + ",\"data\":[";
  int count = 0;
  bool more = false;
  for (const auto& entry : EntityKind<T>::List(snapshot)) {
    const T& spec = EntityKind<T>::Spec(entry);
    if (spec.name <= page->after && !page->after.empty()) continue;
    more = count == page->limit;
    if (more) break;
    if (count++ > 0) out += ',';
    out += Shown(context.shared(), snapshot, spec);
  }
  out += std::string("],\"has_more\":") + (more ? "true}" : "false}");
  co_await SendJson(call, std::move(out));
}

template <class T>
Task<void> Get(ApiCall& call, ApiContext& context, const Snapshot& snapshot) {
  const std::string name(call.Parameter("name"));
  const T* entity = EntityKind<T>::Find(snapshot, name);
  if (entity == nullptr) co_return co_await SendError(call, NoSuch<T>(snapshot, name));
  co_await SendJson(call, Shown(context.shared(), snapshot, *entity));
}

// Makes `entity` durable and visible, then answers with it as it now is.
template <class T>
Task<void> Save(ApiCall& call, ApiContext& context, T entity, int status) {
  entity.origin = Origin::kStore;
  const SnapshotPtr before = context.shared().registry.Current();
  if (Status valid = EntityKind<T>::Check(entity, *before); !valid) {
    co_return co_await SendError(call, std::move(valid).error());
  }
  const std::shared_ptr<const Config> config = context.shared().config.Current();
  if (Status allowed = CheckAllowed(*config, *before, entity); !allowed) {
    co_return co_await SendError(call, std::move(allowed).error());
  }
  const std::string name = entity.name;
  StoreChange change;
  EntityKind<T>::Put(change).push_back(std::move(entity));
  Result<std::uint64_t> revision =
      co_await ChangeRegistry(context.shared().registry, std::move(change));
  if (!revision) co_return co_await SendError(call, std::move(revision).error());
  const SnapshotPtr snapshot = context.shared().registry.Current();
  const T* saved = EntityKind<T>::Find(*snapshot, name);
  std::string body =
      saved == nullptr ? std::string("{}") : Shown(context.shared(), *snapshot, *saved);
  co_await SendJson(call, std::move(body), status);
}

template <class T>
Task<void> Create(ApiCall& call, ApiContext& context) {
  const std::string body = call.exchange.TakeBody();
  Result<T> entity = ReadEntity(body, T());
  if (!entity) co_return co_await SendError(call, std::move(entity).error());
  const SnapshotPtr snapshot = context.shared().registry.Current();
  if (EntityKind<T>::Find(*snapshot, entity->name) != nullptr) {
    Error exists{.code = ErrorCode::kConflict,
                 .message = "there is already a " + std::string(EntityKind<T>::kName) + " `" +
                            entity->name + "`; PUT replaces it, PATCH changes it",
                 .param = "name"};
    co_return co_await SendError(call, std::move(exists));
  }
  co_await Save(call, context, *std::move(entity), 201);
}

enum class Over { kNothing, kWhatIsThere };

// PUT: a whole new one under the path's name. PATCH: what is there, changed.
template <class T>
Task<void> Change(ApiCall& call, ApiContext& context, Over over) {
  const std::string name(call.Parameter("name"));
  const SnapshotPtr snapshot = context.shared().registry.Current();
  const T* old = EntityKind<T>::Find(*snapshot, name);
  if (old == nullptr && over == Over::kWhatIsThere) {
    co_return co_await SendError(call, NoSuch<T>(*snapshot, name));
  }
  T base = over == Over::kWhatIsThere ? *old : T();
  base.name = name;
  const std::string body = call.exchange.TakeBody();
  Result<T> entity = ReadEntity(body, std::move(base));
  if (!entity) co_return co_await SendError(call, std::move(entity).error());
  if (entity->name != name) {
    Error renamed{.code = ErrorCode::kInvalid,
                  .message = "`name` must be the path's, \"" + name +
                             "\": a name is for ever; add a new one and remove this one instead",
                  .param = "name"};
    co_return co_await SendError(call, std::move(renamed));
  }
  co_await Save(call, context, *std::move(entity), old == nullptr ? 201 : 200);
}

template <class T>
Task<void> RemoveEntity(ApiCall& call, ApiContext& context) {
  const std::string name(call.Parameter("name"));
  const SnapshotPtr snapshot = context.shared().registry.Current();
  if (EntityKind<T>::Find(*snapshot, name) == nullptr) {
    co_return co_await SendError(call, NoSuch<T>(*snapshot, name));
  }
  StoreChange change;
  EntityKind<T>::Remove(change).push_back(name);
  Result<std::uint64_t> revision =
      co_await ChangeRegistry(context.shared().registry, std::move(change));
  if (!revision) co_return co_await SendError(call, std::move(revision).error());
  std::string out = "{\"name\":";
  json::AppendQuoted(name, &out);
  out += ",\"removed\":true,\"revision\":" + std::to_string(*revision) + "}";
  co_await SendJson(call, std::move(out));
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
  table.Add("GET", list, Access::kAdmin,
            [&context](ApiCall& call) { return Read<T>(call, context, List<T>); });
  if constexpr (!std::is_same_v<T, Expert>) {  // they come with samples: onboarding.cc
    table.Add("POST", list, Access::kAdmin,
              [&context](ApiCall& call) { return Create<T>(call, context); });
  }
  table.Add("GET", one, Access::kAdmin,
            [&context](ApiCall& call) { return Read<T>(call, context, Get<T>); });
  table.Add("PUT", one, Access::kAdmin,
            [&context](ApiCall& call) { return Change<T>(call, context, Over::kNothing); });
  table.Add("PATCH", one, Access::kAdmin,
            [&context](ApiCall& call) { return Change<T>(call, context, Over::kWhatIsThere); });
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
