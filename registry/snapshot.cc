#include "registry/snapshot.h"

#include <algorithm>
#include <numeric>

namespace moerge {
namespace {

const std::string& NameIn(const Backend& entry) { return entry.name; }
const std::string& NameIn(const ExpertEntry& entry) { return entry.spec.name; }
const std::string& NameIn(const SkillEntry& entry) { return entry.spec.name; }
const std::string& NameIn(const Policy& entry) { return entry.name; }
const std::string& NameIn(const ApiKey& entry) { return entry.name; }

template <class T>
void SortByName(std::vector<T>* entries) {
  const auto less = [](const T& a, const T& b) { return NameIn(a) < NameIn(b); };
  if (!std::is_sorted(entries->begin(), entries->end(), less)) {
    std::sort(entries->begin(), entries->end(), less);
  }
}

template <class T>
const T* FindByName(const std::vector<T>& entries, std::string_view name) {
  const auto at = std::partition_point(entries.begin(), entries.end(),
                                       [&](const T& entry) { return NameIn(entry) < name; });
  return at != entries.end() && NameIn(*at) == name ? &*at : nullptr;
}

template <class T>
std::unordered_map<std::uint32_t, std::uint32_t> IndexById(const std::vector<T>& entries) {
  std::unordered_map<std::uint32_t, std::uint32_t> index;
  index.reserve(entries.size());
  for (std::uint32_t i = 0; i < entries.size(); ++i) index.emplace(Raw(entries[i].id), i);
  return index;
}

}  // namespace

void Snapshot::Seal() {
  SortByName(&backends);
  SortByName(&experts);
  SortByName(&skills);
  SortByName(&policies);
  SortByName(&keys);
  FindBackends();
  expert_by_id_ = IndexById(experts);
  skill_by_id_ = IndexById(skills);
  FindCandidates();
  keys_by_hash_.resize(keys.size());
  std::iota(keys_by_hash_.begin(), keys_by_hash_.end(), 0u);
  std::ranges::sort(keys_by_hash_, {},
                    [this](std::uint32_t i) { return std::string_view(keys[i].sha256); });
}

void Snapshot::FindBackends() {
  models_of_.assign(backends.size(), {});
  for (ExpertEntry& expert : experts) {
    expert.backend =
        expert.spec.kind == ExpertKind::kTool ? nullptr : FindBackend(expert.spec.backend);
    if (expert.backend == nullptr) continue;
    ModelsOf& models = models_of_[static_cast<std::size_t>(expert.backend - backends.data())];
    models.several = models.several || HasOtherModels(*expert.backend, expert.spec.model);
    models.one = expert.spec.model;
  }
  for (ExpertEntry& expert : experts) {
    expert.among_others =
        expert.backend != nullptr && HasOtherModels(*expert.backend, expert.spec.model);
  }
}

void Snapshot::FindCandidates() {
  candidates_.clear();
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (!policies[i].trial) continue;
    const Policy* of = FindPolicy(policies[i].trial->of);
    if (of == nullptr) continue;  // the file does not declare it any more
    candidates_.resize(policies.size(), -1);
    candidates_[static_cast<std::size_t>(of - policies.data())] = static_cast<std::int32_t>(i);
  }
}

const Backend* Snapshot::FindBackend(std::string_view name) const {
  return FindByName(backends, name);
}

const ExpertEntry* Snapshot::FindExpert(std::string_view name) const {
  return FindByName(experts, name);
}

const ExpertEntry* Snapshot::FindExpert(ExpertId id) const {
  const auto at = expert_by_id_.find(Raw(id));
  return at == expert_by_id_.end() ? nullptr : &experts[at->second];
}

const SkillEntry* Snapshot::FindSkill(std::string_view name) const {
  return FindByName(skills, name);
}

const SkillEntry* Snapshot::FindSkill(SkillId id) const {
  const auto at = skill_by_id_.find(Raw(id));
  return at == skill_by_id_.end() ? nullptr : &skills[at->second];
}

const Policy* Snapshot::FindPolicy(std::string_view name) const {
  return FindByName(policies, name);
}

const ApiKey* Snapshot::FindKey(std::string_view name) const { return FindByName(keys, name); }

const ApiKey* Snapshot::FindKeyByHash(std::string_view sha256) const {
  const auto hash_at = [this](std::uint32_t i) { return std::string_view(keys[i].sha256); };
  const auto at = std::ranges::lower_bound(keys_by_hash_, sha256, {}, hash_at);
  return at != keys_by_hash_.end() && keys[*at].sha256 == sha256 ? &keys[*at] : nullptr;
}

}  // namespace moerge
