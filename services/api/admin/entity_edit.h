// One change of one entity over the API: what it is to become, worked out from what is there, with
// the conditions that the client sets: If-Match, dry_run. Thread-safe, pure, except where said.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "config/base/hash.h"
#include "services/api/admin/entity_body.h"
#include "services/api/admin/entity_kinds.h"

namespace moerge::api {

// `"..."`, different whenever a field of the entity is.
std::string TagOf(std::string_view name, std::string_view origin, std::string_view json);
template <class T>
std::string TagOf(const T& entity) {
  return TagOf(entity.name, OriginName(entity.origin), ToJson(entity));
}

// Whether a request with this If-Match may change what has `tag` (empty: nothing is there). Error:
// kConflict with status 412 and reason "stale".
Status CheckMatch(std::string_view if_match, std::string_view tag);

// ?dry_run=true: all is checked, nothing is done. Error: kInvalid, neither true nor false.
Result<bool> WantsDryRun(const http::Request& request);

enum class EditKind {
  kCreate,   // what is not there
  kReplace,  // a whole new one, whether it is there or not
  kPatch,    // what is there, changed
};

struct EntityEdit {
  EditKind kind = EditKind::kCreate;
  std::string name = {};  // of the path; empty: the body's
  std::string body = {};
  std::string if_match = {};
};

template <class T>
Error NoSuchEntity(const Snapshot& snapshot, std::string_view name) {
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
Error AlreadyThere(const std::string& name) {
  return Error{.code = ErrorCode::kConflict,
               .message = "there is already a " + std::string(EntityKind<T>::kName) + " `" + name +
                          "`; PUT replaces it, PATCH changes it",
               .param = "name"};
}

inline Error Renamed(const std::string& name) {
  return Error{.code = ErrorCode::kInvalid,
               .message = "`name` must be the path's, \"" + name +
                          "\": a name is for ever; add a new one and remove this one instead",
               .param = "name"};
}

// What the path's entity is to become, from the body. Errors also of CheckMatch.
template <class T>
Result<T> BodyOver(const EntityEdit& edit, const Snapshot& snapshot) {
  if (edit.kind == EditKind::kCreate) {
    Result<T> entity = ReadEntity(edit.body, T());
    if (!entity || EntityKind<T>::Find(snapshot, entity->name) == nullptr) return entity;
    return AlreadyThere<T>(entity->name);
  }
  const T* old = EntityKind<T>::Find(snapshot, edit.name);
  if (old == nullptr && edit.kind == EditKind::kPatch) {
    return NoSuchEntity<T>(snapshot, edit.name);
  }
  if (Status match = CheckMatch(edit.if_match, old == nullptr ? std::string() : TagOf(*old));
      !match) {
    return std::move(match).error();
  }
  T base;
  if (edit.kind == EditKind::kPatch) base = *old;
  base.name = edit.name;
  Result<T> entity = ReadEntity(edit.body, std::move(base));
  if (entity && entity->name != edit.name) return Renamed(edit.name);
  return entity;
}

// The same, checked as far as that can be done before it is stored.
template <class T>
Result<T> Edited(const EntityEdit& edit, const Snapshot& snapshot, const Config& config) {
  Result<T> entity = BodyOver<T>(edit, snapshot);
  if (!entity) return entity;
  entity->origin = Origin::kStore;
  if (Status valid = EntityKind<T>::Check(*entity, snapshot); !valid) {
    return std::move(valid).error();
  }
  if (Status allowed = CheckAllowed(config, snapshot, *entity); !allowed) {
    return std::move(allowed).error();
  }
  return entity;
}

}  // namespace moerge::api
