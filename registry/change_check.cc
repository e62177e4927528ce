#include "registry/change_check.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <vector>

#include "config/base/text.h"
#include "config/policy_references.h"
#include "config/validate.h"
#include "registry/kinds.h"

namespace moerge {
namespace {

const Backend* Find(const Snapshot& at, const Backend& like) { return at.FindBackend(like.name); }
const Expert* Find(const Snapshot& at, const Expert& like) {
  const ExpertEntry* entry = at.FindExpert(like.name);
  return entry == nullptr ? nullptr : &entry->spec;
}
const Skill* Find(const Snapshot& at, const Skill& like) {
  const SkillEntry* entry = at.FindSkill(like.name);
  return entry == nullptr ? nullptr : &entry->spec;
}
const Policy* Find(const Snapshot& at, const Policy& like) { return at.FindPolicy(like.name); }
const ApiKey* Find(const Snapshot& at, const ApiKey& like) { return at.FindKey(like.name); }

Error Invalid(std::string message, std::string param) {
  return Error{
      .code = ErrorCode::kInvalid, .message = std::move(message), .param = std::move(param)};
}

template <class T>
std::string Title(const T& entry) {
  return std::string(KindName(entry)) + " `" + entry.name + "`";
}

// Refuses to touch what another place owns.
template <class T>
Status CheckOwner(const T& present, const std::string& file) {
  if (present.origin == Origin::kFile) {
    return Error{ErrorCode::kConflict, Title(present) + " belongs to the configuration file" +
                                           (file.empty() ? "" : " " + file) +
                                           "; change it there and reload"};
  }
  if (present.origin == Origin::kBuiltIn && !StoreMayReplace(present)) {
    const std::string remedy =
        FileMayReplace(present) ? "declare one of that name in the configuration file to replace it"
                                : "choose another name";
    return Error{ErrorCode::kConflict,
                 Title(present) + " is built in and cannot be changed; " + remedy};
  }
  return Ok{};
}

template <class T>
Status CheckPuts(const std::vector<T>& puts, const Snapshot& current, const std::string& file) {
  std::set<std::string_view> names;
  for (const T& entry : puts) {
    if (Status sound = Validate(entry); !sound.ok()) return sound;
    if (!names.insert(entry.name).second) {
      return Invalid(Title(entry) + " is named twice in one change", "name");
    }
    const T* present = Find(current, entry);
    if (present == nullptr) continue;
    if (Status free = CheckOwner(*present, file); !free.ok()) return free;
  }
  return Ok{};
}

template <class T>
Status CheckRemovals(const std::vector<std::string>& names, const Snapshot& current,
                     const std::string& file) {
  for (const std::string& name : names) {
    T like;
    like.name = name;
    const T* present = Find(current, like);
    if (present == nullptr) {
      return Error{ErrorCode::kNotFound, "there is no " + Title(like)};
    }
    if (Status free = CheckOwner(*present, file); !free.ok()) return free;
    if (present->origin == Origin::kBuiltIn) {
      return Error{ErrorCode::kConflict, Title(like) + " is built in and cannot be removed"};
    }
  }
  return Ok{};
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class T>
bool Puts(const std::vector<T>& puts, const std::string& name) {
  return std::any_of(puts.begin(), puts.end(), [&](const T& entry) { return entry.name == name; });
}

Status CheckBackendExists(const Expert& expert, const StoreChange& change,
                          const Snapshot& current) {
  if (expert.kind == ExpertKind::kTool || Puts(change.put_backends, expert.backend)) return Ok{};
  const bool stays = current.FindBackend(expert.backend) != nullptr &&
                     !Contains(change.remove_backends, expert.backend);
  if (stays) return Ok{};
  std::vector<std::string> names;
  for (const Backend& backend : current.backends) names.push_back(backend.name);
  return Invalid("expert `" + expert.name + "` names the backend `" + expert.backend +
                     "`, which does not exist." + DidYouMean(expert.backend, names),
                 "backend");
}

Status CheckBackendUnused(const std::string& backend, const StoreChange& change,
                          const Snapshot& current) {
  if (Puts(change.put_backends, backend)) return Ok{};
  std::vector<std::string> users;
  for (const ExpertEntry& expert : current.experts) {
    const std::string& name = expert.spec.name;
    const bool leaves = Contains(change.remove_experts, name) || Puts(change.put_experts, name);
    if (expert.spec.backend == backend && expert.backend != nullptr && !leaves) {
      users.push_back("`" + name + "`");
    }
  }
  if (users.empty()) return Ok{};
  const std::size_t more = users.size() > 5 ? users.size() - 5 : 0;
  users.resize(users.size() - more);
  return Error{ErrorCode::kConflict,
               "backend `" + backend + "` is in use by " + Join(users, ", ") +
                   (more > 0 ? " and " + std::to_string(more) + " more" : "") +
                   "; remove these experts or move them to another backend first"};
}

// Whether an option's backend or expert is there once the change is made.
bool Stays(const PolicyReference& reference, const StoreChange& change, const Snapshot& current) {
  const std::string name(reference.name);
  if (reference.backend) {
    return Puts(change.put_backends, name) ||
           (current.FindBackend(name) != nullptr && !Contains(change.remove_backends, name));
  }
  return Puts(change.put_experts, name) ||
         (current.FindExpert(name) != nullptr && !Contains(change.remove_experts, name));
}

Status CheckPolicyReferences(const Policy& policy, const StoreChange& change,
                             const Snapshot& current) {
  for (const PolicyReference& reference : ReferencesOf(policy)) {
    if (Stays(reference, change, current)) continue;
    const std::string kind = reference.backend ? "backend" : "expert";
    std::vector<std::string> names;
    for (const Backend& backend : current.backends) {
      if (reference.backend) names.push_back(backend.name);
    }
    for (const ExpertEntry& expert : current.experts) {
      if (!reference.backend) names.push_back(expert.spec.name);
    }
    return Invalid("policy `" + policy.name + "` names the " + kind + " `" +
                       std::string(reference.name) + "`, which does not exist." +
                       DidYouMean(reference.name, names),
                   "options." + std::string(reference.option));
  }
  return Ok{};
}

// Refuses to take away what a policy that stays as it is refers to.
Status CheckPoliciesStand(const StoreChange& change, const Snapshot& current) {
  if (change.remove_backends.empty() && change.remove_experts.empty()) return Ok{};
  for (const Policy& policy : current.policies) {
    if (Contains(change.remove_policies, policy.name) || Puts(change.put_policies, policy.name)) {
      continue;
    }
    for (const PolicyReference& reference : ReferencesOf(policy)) {
      const std::string name(reference.name);
      const bool goes =
          Contains(reference.backend ? change.remove_backends : change.remove_experts, name);
      if (!goes || Stays(reference, change, current)) continue;
      return Error{ErrorCode::kConflict,
                   std::string(reference.backend ? "backend `" : "expert `") + name +
                       "` is what the option `" + std::string(reference.option) + "` of policy `" +
                       policy.name + "` names; change or remove that policy first"};
    }
  }
  return Ok{};
}

// A candidate needs the policy that it is on trial for.
Status CheckTrials(const StoreChange& change, const Snapshot& current) {
  for (const Policy& policy : change.put_policies) {
    if (!policy.trial || Puts(change.put_policies, policy.trial->of)) continue;
    if (current.FindPolicy(policy.trial->of) != nullptr &&
        !Contains(change.remove_policies, policy.trial->of)) {
      continue;
    }
    return Invalid("policy `" + policy.name + "` is on trial for the policy `" + policy.trial->of +
                       "`, which does not exist",
                   "trial.of");
  }
  for (const std::string& name : change.remove_policies) {
    const std::string candidate = CandidateName(name);
    if (current.FindPolicy(candidate) == nullptr || Puts(change.put_policies, name) ||
        Contains(change.remove_policies, candidate)) {
      continue;
    }
    return Error{ErrorCode::kConflict, "policy `" + name +
                                           "` has another version on trial; end that first "
                                           "(DELETE /api/v1/policies/" +
                                           name + "/trial)"};
  }
  return Ok{};
}

Status CheckReferences(const StoreChange& change, const Snapshot& current) {
  for (const Expert& expert : change.put_experts) {
    if (Status found = CheckBackendExists(expert, change, current); !found.ok()) return found;
  }
  for (const std::string& backend : change.remove_backends) {
    if (Status unused = CheckBackendUnused(backend, change, current); !unused.ok()) return unused;
  }
  for (const Policy& policy : change.put_policies) {
    if (Status found = CheckPolicyReferences(policy, change, current); !found.ok()) return found;
  }
  return CheckPoliciesStand(change, current);
}

Status Check(const Evidence& evidence) {
  if (evidence.expert.empty()) return Invalid("evidence needs an expert", "expert");
  if (evidence.skill.empty()) return Invalid("evidence needs a skill", "skill");
  if (evidence.source.empty()) return Invalid("evidence needs a source", "source");
  if (!std::isfinite(evidence.trials) || evidence.trials < 0) {
    return Invalid("`trials` must be a number of at least 0", "trials");
  }
  if (!(evidence.wins >= 0 && evidence.wins <= evidence.trials)) {
    return Invalid("`wins` must be from 0 to `trials`", "wins");
  }
  return Ok{};
}

Status Check(const Observation& observation) {
  if (observation.id.empty()) return Invalid("an observation needs an id", "id");
  if (observation.source.empty()) return Invalid("an observation needs a source", "source");
  for (const auto& [expert, score] : observation.scores) {
    if (expert.empty()) return Invalid("a score needs the name of an expert", "scores");
    if (!(score >= 0 && score <= 1)) {
      return Invalid("the score of `" + expert + "` must be from 0 to 1", "scores." + expert);
    }
  }
  return Ok{};
}

template <class T>
Status CheckEach(const std::vector<T>& values) {
  for (const T& value : values) {
    if (Status sound = Check(value); !sound.ok()) return sound;
  }
  return Ok{};
}

// One kind of entry: removals and puts.
template <class T>
Status CheckKind(const std::vector<std::string>& remove, const std::vector<T>& put,
                 const Snapshot& current, const std::string& file) {
  if (Status sound = CheckRemovals<T>(remove, current, file); !sound.ok()) return sound;
  return CheckPuts(put, current, file);
}

}  // namespace

Status CheckChange(const StoreChange& change, const Snapshot& current, const std::string& file) {
  const Status checks[] = {
      CheckKind(change.remove_backends, change.put_backends, current, file),
      CheckKind(change.remove_experts, change.put_experts, current, file),
      CheckKind(change.remove_skills, change.put_skills, current, file),
      CheckKind(change.remove_policies, change.put_policies, current, file),
      CheckKind(change.remove_keys, change.put_keys, current, file),
      CheckReferences(change, current),
      CheckTrials(change, current),
      CheckEach(change.put_evidence),
      CheckEach(change.add_observations),
  };
  for (const Status& check : checks) {
    if (!check.ok()) return check;
  }
  return Ok{};
}

}  // namespace moerge
