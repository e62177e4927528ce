#include "registry/revision_history.h"

#include <map>
#include <utility>

#include "config/base/json.h"
#include "registry/entity_json.h"

namespace moerge {
namespace {

constexpr std::string_view kMasked = "***";

const Backend* FindIn(const Snapshot& s, const Backend& like) { return s.FindBackend(like.name); }
const Expert* FindIn(const Snapshot& s, const Expert& like) {
  const ExpertEntry* entry = s.FindExpert(like.name);
  return entry == nullptr ? nullptr : &entry->spec;
}
const Skill* FindIn(const Snapshot& s, const Skill& like) {
  const SkillEntry* entry = s.FindSkill(like.name);
  return entry == nullptr ? nullptr : &entry->spec;
}
const Policy* FindIn(const Snapshot& s, const Policy& like) { return s.FindPolicy(like.name); }

// Of what was too long for the record its size alone is there.
bool IsWhole(std::string_view json) {
  const auto document = json::Document::Parse(json);
  return document && !document->root().Find("bytes").present();
}

std::string OriginIn(std::string_view json) {
  const auto document = json::Document::Parse(json);
  if (!document) return {};
  return std::string(document->root().Find("origin").AsString().value_or(""));
}

template <class T>
bool Unmask(const T*, T*) {
  return true;
}
// A header's value is not on the record; where it is still there it is the one.
bool Unmask(const Backend* present, Backend* restored) {
  for (auto& [name, value] : restored->headers) {
    if (value != kMasked) continue;
    if (present == nullptr || !present->headers.contains(name)) return false;
    value = present->headers.at(name);
  }
  return true;
}

class Restorer {
 public:
  explicit Restorer(const Snapshot& current) : current_(current) {}

  void Take(const RevisionDifference& difference) {
    StoreChange& change = result_.change;
    const std::string& kind = difference.kind;
    if (kind == "backend") Restore(difference, &change.put_backends, &change.remove_backends);
    if (kind == "expert") Restore(difference, &change.put_experts, &change.remove_experts);
    if (kind == "skill") Restore(difference, &change.put_skills, &change.remove_skills);
    if (kind == "policy") Restore(difference, &change.put_policies, &change.remove_policies);
    if (kind == "key") Skip(difference, "keys are not brought back");
    if (kind == "profile") Skip(difference, "what profiles have learnt stays as it is");
  }

  Restoration Done() && { return std::move(result_); }

 private:
  template <class T>
  void Restore(const RevisionDifference& difference, std::vector<T>* puts,
               std::vector<std::string>* removals) {
    T entity;
    entity.name = difference.name;
    const T* present = FindIn(current_, entity);
    if (present != nullptr && present->origin == Origin::kFile) {
      return Skip(difference, "it belongs to the configuration file");
    }
    const std::string origin = OriginIn(difference.before);
    if (origin == OriginName(Origin::kFile)) {
      return Skip(difference, "it was the configuration file's");
    }
    // What is built in comes back when what hides it goes.
    if (difference.before.empty() || origin == OriginName(Origin::kBuiltIn)) {
      if (present != nullptr && present->origin == Origin::kStore) {
        removals->push_back(difference.name);
      }
      return;
    }
    if (!IsWhole(difference.before) || !FromJson(difference.before, &entity)) {
      return Skip(difference, "the record holds its size alone");
    }
    if (!Unmask(present, &entity)) {
      return Skip(difference, "the record does not hold the values of its headers");
    }
    puts->push_back(std::move(entity));
  }

  void Skip(const RevisionDifference& difference, std::string_view why) {
    result_.skipped.push_back(difference.kind + " `" + difference.name + "`: " + std::string(why));
  }

  const Snapshot& current_;
  Restoration result_;
};

}  // namespace

std::vector<RevisionDifference> DifferencesOf(const std::vector<AuditRecord>& records) {
  std::map<std::pair<std::string, std::string>, RevisionDifference> things;
  for (const AuditRecord& record : records) {
    const auto [at, fresh] = things.try_emplace({record.kind, record.name});
    RevisionDifference& difference = at->second;
    if (fresh) difference = {record.kind, record.name, {}, record.after};
    difference.before = record.before;  // of the oldest in the end
  }
  std::vector<RevisionDifference> list;
  for (auto& [key, difference] : things) {
    const bool always = difference.kind == "profile";  // of which only what came is on the record
    if (always || difference.before != difference.after) list.push_back(std::move(difference));
  }
  return list;
}

Restoration RestorationOf(const std::vector<AuditRecord>& records, const Snapshot& current) {
  Restorer restorer(current);
  for (const RevisionDifference& difference : DifferencesOf(records)) restorer.Take(difference);
  return std::move(restorer).Done();
}

}  // namespace moerge
