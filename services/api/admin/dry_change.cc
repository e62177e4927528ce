#include "services/api/admin/dry_change.h"

#include <functional>
#include <memory>
#include <utility>

#include "registry/change_check.h"
#include "services/api/admin/entity_edit.h"

namespace moerge::api {
namespace {

// Works it out where it would be, and leaves everything as it is.
Task<Result<ChangeMade>> TryChange(ApiCall& call, ApiContext& context, Registry::Make make) {
  Registry& registry = context.shared().registry;
  std::function<Result<ChangeMade>(Store&)> work =
      [make = std::move(make), &registry,
       config = call.config](Store& store) -> Result<ChangeMade> {
    const Result<StoredState> state = store.registry().Load();
    if (!state) return state.error();
    const Result<StoreChange> change = make(store, *state);
    if (!change) return change.error();
    const SnapshotPtr snapshot = registry.Current();
    if (Status sound = CheckChange(*change, *snapshot, config->file); !sound) {
      return std::move(sound).error();
    }
    return ChangeMade{snapshot->revision, true};
  };
  Result<ChangeMade> made = co_await OnStore(context.shared().store, std::move(work));
  if (made) call.exchange.SetHeader("x-moerge-dry-run", "true");
  co_return made;
}

}  // namespace

Task<Result<ChangeMade>> ChangeOrTry(ApiCall& call, ApiContext& context, Registry::Make make) {
  const Result<bool> dry = WantsDryRun(call.exchange.request());
  if (!dry) co_return dry.error();
  if (*dry) co_return co_await TryChange(call, context, std::move(make));
  const Result<std::uint64_t> revision =
      co_await ChangeRegistry(context.shared().registry, AuthorOf(call), std::move(make));
  if (!revision) co_return revision.error();
  co_return ChangeMade{*revision, false};
}

}  // namespace moerge::api
