#include "registry/store.h"

#include "registry/memory_store.h"
#include "registry/sqlite/sqlite_store.h"

namespace moerge {

bool StoreChange::edits_entities() const {
  return !(put_backends.empty() && put_experts.empty() && put_skills.empty() &&
           put_policies.empty() && put_keys.empty() && remove_backends.empty() &&
           remove_experts.empty() && remove_skills.empty() && remove_policies.empty() &&
           remove_keys.empty());
}

bool StoreChange::empty() const {
  return !edits_entities() && add_observations.empty() && put_evidence.empty() &&
         put_feedback.empty() && remove_proposals.empty() && put_proposals.empty() &&
         forget_sources.empty() && forget_evidence.empty() && forget_observations.empty() &&
         limit_observations.empty();
}

Result<std::unique_ptr<Store>> OpenStore(const std::string& url) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url == "memory:") return std::unique_ptr<Store>(std::make_unique<MemoryStore>());
  if (url.starts_with(kSqlite)) return OpenSqliteStore(url.substr(kSqlite.size()));
  return Error{.code = ErrorCode::kInvalid,
               .message = "`" + url + "` is not a store: it must be sqlite:PATH or memory:",
               .param = "store"};
}

}  // namespace moerge
