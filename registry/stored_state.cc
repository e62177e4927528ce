#include "registry/stored_state.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "registry/training_trigger.h"

namespace moerge {
namespace {

template <class T>
void Remove(const std::vector<std::string>& names, std::vector<T>* entries) {
  if (names.empty()) return;
  const std::unordered_set<std::string_view> gone(names.begin(), names.end());
  std::erase_if(*entries, [&](const T& entry) { return gone.contains(entry.name); });
}

template <class T>
void Put(const std::vector<T>& put, std::vector<T>* entries) {
  if (put.empty()) return;
  std::unordered_map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < entries->size(); ++i) index.emplace((*entries)[i].name, i);
  for (const T& entry : put) {
    const auto [at, fresh] = index.try_emplace(entry.name, entries->size());
    if (fresh) entries->emplace_back();
    (*entries)[at->second] = entry;
    (*entries)[at->second].origin = Origin::kStore;
  }
  std::sort(entries->begin(), entries->end(),
            [](const T& a, const T& b) { return a.name < b.name; });
}

template <class T>
void Edit(const std::vector<std::string>& remove, const std::vector<T>& put,
          std::vector<T>* entries) {
  Remove(remove, entries);
  Put(put, entries);
}

}  // namespace

void ApplyChange(const StoreChange& change, StoredState* state) {
  for (const std::string& source : change.forget_sources) state->evidence.ForgetSource(source);
  for (const EvidenceKey& key : change.forget_evidence) {
    state->evidence.Forget(key.expert, key.source);
  }
  Edit(change.remove_backends, change.put_backends, &state->backends);
  Edit(change.remove_experts, change.put_experts, &state->experts);
  Edit(change.remove_skills, change.put_skills, &state->skills);
  Edit(change.remove_policies, change.put_policies, &state->policies);
  Edit(change.remove_keys, change.put_keys, &state->keys);
  state->evidence.Put(change.put_evidence);
  ++state->revision;
  state->training = MarkAfter(state->training, change, state->revision);
}

}  // namespace moerge
