#include "registry/sqlite/entities.h"

#include <string>
#include <string_view>
#include <vector>

#include "registry/entity_json.h"
#include "registry/kinds.h"

namespace moerge::sqlite {
namespace {

template <class T>
Error Damaged(const Database& database, const T& entity, const Error& why) {
  return Error{.code = ErrorCode::kInternal,
               .message = "the store `" + database.path() +
                          "` is damaged: " + std::string(KindName(entity)) + " `" + entity.name +
                          "` cannot be read; restore the file from a copy or move it away",
               .detail = why.message};
}

template <class T>
Status LoadTable(Database& database, const std::string& table, std::vector<T>* entities) {
  Query query = database.Use("SELECT name, spec FROM " + table + " ORDER BY name");
  while (true) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return Ok{};
    T& entity = entities->emplace_back();
    entity.name = query.Text(0);
    if (Status read = FromJson(query.Text(1), &entity); !read.ok()) {
      return Damaged(database, entity, read.error());
    }
  }
}

Status Remove(Database& database, const std::string& table, const std::vector<std::string>& names) {
  if (names.empty()) return Ok{};
  Query query = database.Use("DELETE FROM " + table + " WHERE name = ?");
  for (const std::string& name : names) {
    if (Status done = query.Bind(name).Run(); !done.ok()) return done;
  }
  return Ok{};
}

template <class T>
Status Put(Database& database, const std::string& table, const std::vector<T>& entities) {
  if (entities.empty()) return Ok{};
  Query query =
      database.Use("INSERT INTO " + table +
                   " VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET spec = excluded.spec");
  for (const T& entity : entities) {
    const std::string spec = ToJson(entity);
    if (Status done = query.Bind(entity.name).Bind(spec).Run(); !done.ok()) return done;
  }
  return Ok{};
}

template <class T>
Status WriteTable(Database& database, const std::string& table,
                  const std::vector<std::string>& remove, const std::vector<T>& put) {
  if (Status removed = Remove(database, table, remove); !removed.ok()) return removed;
  return Put(database, table, put);
}

}  // namespace

Status LoadEntities(Database& database, StoredState* state) {
  if (Status s = LoadTable(database, "backends", &state->backends); !s.ok()) return s;
  if (Status s = LoadTable(database, "experts", &state->experts); !s.ok()) return s;
  if (Status s = LoadTable(database, "skills", &state->skills); !s.ok()) return s;
  if (Status s = LoadTable(database, "policies", &state->policies); !s.ok()) return s;
  return LoadTable(database, "keys", &state->keys);
}

Status WriteEntities(Database& database, const StoreChange& change) {
  Status s = WriteTable(database, "backends", change.remove_backends, change.put_backends);
  if (s.ok()) s = WriteTable(database, "experts", change.remove_experts, change.put_experts);
  if (s.ok()) s = WriteTable(database, "skills", change.remove_skills, change.put_skills);
  if (s.ok()) s = WriteTable(database, "policies", change.remove_policies, change.put_policies);
  if (s.ok()) s = WriteTable(database, "keys", change.remove_keys, change.put_keys);
  return s;
}

}  // namespace moerge::sqlite
