// Everything a request needs to know about experts, skills, profiles and policies, at one revision.
// Immutable, shared by std::shared_ptr<const Snapshot>; any thread may read. A request takes its
// snapshot once and keeps it to its end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "registry/aging.h"
#include "registry/evidence_table.h"
#include "registry/ids.h"
#include "registry/types.h"

namespace moerge {

struct ExpertEntry {
  ExpertId id;
  Expert spec;
  std::vector<SkillRecord> record;  // all sources; skills of the snapshot and "general", ascending
  std::vector<std::pair<SkillId, float>> declared;  // spec.skills but "general", ascending
  const Backend* backend = nullptr;                 // in the same snapshot; null for tools
  std::vector<EvidenceRowPtr> sources;  // what is summed, as measured: not aged; by source
  std::vector<SkillRecord> roles = {};  // the same in roles (config/roles.h), ascending
  std::vector<SkillId> retired = {};    // spec.retired_skills
  bool among_others = false;            // experts of the same backend have other models

  bool Retired(SkillId skill) const {
    return std::find(retired.begin(), retired.end(), skill) != retired.end();
  }
};

struct SkillEntry {
  SkillId id;
  Skill spec;
};

class Snapshot {
 public:
  std::uint64_t revision = 0;
  // The last revision with enough new observations to train again (TrainingTrigger).
  std::uint64_t training_revision = 0;
  Aging aging;  // how `record` of the experts was aged
  // All sorted by name, so that equal content gives equal order.
  std::vector<Backend> backends;
  std::vector<ExpertEntry> experts;
  std::vector<SkillEntry> skills;
  std::vector<Policy> policies;  // always holds "auto"
  std::vector<ApiKey> keys;

  // Null if there is none.
  const Backend* FindBackend(std::string_view name) const;
  const ExpertEntry* FindExpert(std::string_view name) const;
  const ExpertEntry* FindExpert(ExpertId id) const;
  const SkillEntry* FindSkill(std::string_view name) const;
  const SkillEntry* FindSkill(SkillId id) const;
  const Policy* FindPolicy(std::string_view name) const;
  // The one that is on trial for `policy`. REQUIRES: `policy` is one of this snapshot's.
  const Policy* CandidateFor(const Policy& policy) const {
    if (candidates_.empty()) return nullptr;
    const std::int32_t at = candidates_[static_cast<std::size_t>(&policy - policies.data())];
    return at < 0 ? nullptr : &policies[static_cast<std::size_t>(at)];
  }
  const ApiKey* FindKey(std::string_view name) const;
  // By the hash of its text. Of several with one hash any.
  const ApiKey* FindKeyByHash(std::string_view sha256) const;
  // REQUIRES: `expert` is one of this snapshot's.
  std::size_t IndexOf(const ExpertEntry& expert) const {
    return static_cast<std::size_t>(&expert - experts.data());
  }

  // Whether experts of the backend have models but this one. REQUIRES: `backend` is one of this
  // snapshot's.
  bool HasOtherModels(const Backend& backend, std::string_view model) const {
    const ModelsOf& models = models_of_[static_cast<std::size_t>(&backend - backends.data())];
    return models.several || (!models.one.empty() && models.one != model);
  }

  // Sorts, resolves ExpertEntry::backend and among_others, and builds the lookup tables. Called
  // once, by whoever filled the vectors, before the snapshot is shared.
  void Seal();

 private:
  // Which models a backend has, as far as it matters.
  struct ModelsOf {
    std::string one = {};  // any of them
    bool several = false;
  };

  void FindBackends();
  void FindCandidates();

  std::unordered_map<std::uint32_t, std::uint32_t> expert_by_id_;
  std::unordered_map<std::uint32_t, std::uint32_t> skill_by_id_;
  std::vector<std::uint32_t> keys_by_hash_;  // places in `keys`
  std::vector<ModelsOf> models_of_;          // by backend
  // By policy the place of its candidate, or -1; empty: there are no trials.
  std::vector<std::int32_t> candidates_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace moerge
