// What the admin API needs to know of each kind of entity to treat them all alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/validate.h"
#include "registry/provisional.h"
#include "registry/snapshot.h"
#include "registry/store.h"
#include "services/api/admin/entity_body.h"
#include "services/api/admin/nameable_variables.h"
#include "services/api/condition_json.h"
#include "services/api/context.h"
#include "services/api/latency_json.h"
#include "services/policy_check.h"

namespace moerge::api {

template <class T>
struct EntityKind;

template <>
struct EntityKind<Backend> {
  static constexpr std::string_view kName = "backend";
  static constexpr std::string_view kPath = "/api/v1/backends";
  static const std::vector<Backend>& List(const Snapshot& s) { return s.backends; }
  static const Backend& Spec(const Backend& entry) { return entry; }
  static const Backend* Find(const Snapshot& s, std::string_view name) {
    return s.FindBackend(name);
  }
  static std::vector<Backend>& Put(StoreChange& change) { return change.put_backends; }
  static std::vector<std::string>& Remove(StoreChange& change) { return change.remove_backends; }
  static Status Check(const Backend& entity, const Snapshot&) { return Validate(entity); }
};

template <>
struct EntityKind<Expert> {
  static constexpr std::string_view kName = "expert";
  static constexpr std::string_view kPath = "/api/v1/experts";
  static const std::vector<ExpertEntry>& List(const Snapshot& s) { return s.experts; }
  static const Expert& Spec(const ExpertEntry& entry) { return entry.spec; }
  static const Expert* Find(const Snapshot& s, std::string_view name) {
    const ExpertEntry* entry = s.FindExpert(name);
    return entry == nullptr ? nullptr : &entry->spec;
  }
  static std::vector<Expert>& Put(StoreChange& change) { return change.put_experts; }
  static std::vector<std::string>& Remove(StoreChange& change) { return change.remove_experts; }
  static Status Check(const Expert& entity, const Snapshot&) { return Validate(entity); }
};

template <>
struct EntityKind<Skill> {
  static constexpr std::string_view kName = "skill";
  static constexpr std::string_view kPath = "/api/v1/skills";
  static const std::vector<SkillEntry>& List(const Snapshot& s) { return s.skills; }
  static const Skill& Spec(const SkillEntry& entry) { return entry.spec; }
  static const Skill* Find(const Snapshot& s, std::string_view name) {
    const SkillEntry* entry = s.FindSkill(name);
    return entry == nullptr ? nullptr : &entry->spec;
  }
  static std::vector<Skill>& Put(StoreChange& change) { return change.put_skills; }
  static std::vector<std::string>& Remove(StoreChange& change) { return change.remove_skills; }
  static Status Check(const Skill& entity, const Snapshot&) { return Validate(entity); }
};

template <>
struct EntityKind<Policy> {
  static constexpr std::string_view kName = "policy";
  static constexpr std::string_view kPath = "/api/v1/policies";
  static const std::vector<Policy>& List(const Snapshot& s) { return s.policies; }
  static const Policy& Spec(const Policy& entry) { return entry; }
  static const Policy* Find(const Snapshot& s, std::string_view name) { return s.FindPolicy(name); }
  static std::vector<Policy>& Put(StoreChange& change) { return change.put_policies; }
  static std::vector<std::string>& Remove(StoreChange& change) { return change.remove_policies; }
  static Status Check(const Policy& entity, const Snapshot& snapshot) {
    if (Status valid = Validate(entity); !valid) return valid;
    if (entity.trial) {
      return Error{ErrorCode::kConflict, "`" + entity.name +
                                             "` is on trial; PUT /api/v1/policies/" +
                                             entity.trial->of + "/trial changes it"};
    }
    return CheckPolicyIn(snapshot, entity);
  }
};

// What the configuration in force says against an entity that comes over the API.
template <class T>
Status CheckAllowed(const Config&, const Snapshot&, const T&) {
  return Ok{};
}
template <>
inline Status CheckAllowed(const Config& config, const Snapshot& snapshot, const Backend& backend) {
  return CheckNameable(config, snapshot.FindBackend(backend.name), backend);
}

// As lists and GET show it: its fields, and what else the registry knows.
template <class T>
std::string Shown(const ApiShared&, const Snapshot&, const T& spec) {
  return EntityJson(spec);
}
template <>
inline std::string Shown(const ApiShared& shared, const Snapshot&, const Backend& spec) {
  std::string json = EntityJson(spec);
  json.pop_back();
  return json + ",\"condition\":" + ConditionJson(shared.gates.For(spec.name)->condition()) + "}";
}
template <>
inline std::string Shown(const ApiShared& shared, const Snapshot& snapshot, const Expert& spec) {
  std::string json = EntityJson(spec);
  const ExpertEntry* entry = snapshot.FindExpert(spec.name);
  json.pop_back();
  const bool provisional = entry != nullptr && IsProvisional(*entry);
  json += provisional ? ",\"provisional\":true" : ",\"provisional\":false";
  json += ",\"latency\":" + LatencyJson(spec, shared.latencies);
  const bool called = entry != nullptr && entry->backend != nullptr;
  if (called) {
    const Gate& gate = *shared.gates.For(entry->backend->name);
    json += ",\"condition\":" + ConditionJson(gate.ConditionOf(entry->spec.model));
  }
  return json + "}";
}

}  // namespace moerge::api
