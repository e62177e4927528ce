#include "services/vocabulary/review.h"

#include <algorithm>
#include <map>
#include <utility>

#include "config/base/text.h"
#include "config/validate.h"

namespace moerge {
namespace {

Error At(const std::string& param, ErrorCode code, std::string message) {
  return Error{.code = code, .message = std::move(message), .param = param};
}

Status CheckOpen(const Proposal& proposal) {
  if (proposal.status == ProposalStatus::kOpen) return Ok{};
  return At("id", ErrorCode::kConflict,
            "the vocabulary proposal `" + proposal.id + "` has been " +
                std::string(ProposalStatusName(proposal.status)) + " already; make a new proposal");
}

SkillDraft* Find(Proposal* proposal, std::string_view name) {
  const auto at = std::find_if(proposal->skills.begin(), proposal->skills.end(),
                               [&](const SkillDraft& draft) { return draft.skill.name == name; });
  return at == proposal->skills.end() ? nullptr : &*at;
}

// A proposed skill that may still be changed.
Result<SkillDraft*> FindOpen(Proposal* proposal, const std::string& name,
                             const std::string& param) {
  SkillDraft* draft = Find(proposal, name);
  if (draft == nullptr) {
    std::vector<std::string> names;
    for (const SkillDraft& one : proposal->skills) names.push_back(one.skill.name);
    return At(
        param, ErrorCode::kInvalid,
        "`" + param + "`: there is no proposed skill `" + name + "`." + DidYouMean(name, names));
  }
  if (draft->accepted.empty()) return draft;
  return At(param, ErrorCode::kConflict,
            "`" + param + "`: `" + name + "` has been accepted; change the skill `" +
                draft->accepted + "` under /api/v1/skills instead");
}

Status CheckInto(const Snapshot& snapshot, const std::string& into, const std::string& param) {
  if (into.empty() || snapshot.FindSkill(into) != nullptr) return Ok{};
  std::vector<std::string> names;
  for (const SkillEntry& entry : snapshot.skills) names.push_back(entry.spec.name);
  return At(param, ErrorCode::kInvalid,
            "`" + param + "` must be the name of a skill that exists, not `" + into + "`." +
                DidYouMean(into, names));
}

void AddExamples(const std::vector<std::string>& more, std::vector<std::string>* examples) {
  for (const std::string& one : more) {
    if (examples->size() >= kMaxSkillExamples) return;
    if (std::find(examples->begin(), examples->end(), one) == examples->end()) {
      examples->push_back(one);
    }
  }
}

void Drop(const std::string& name, Proposal* proposal) {
  std::erase_if(proposal->skills,
                [&](const SkillDraft& draft) { return draft.skill.name == name; });
}

Status Merge(const DraftEdit& edit, const std::string& param, Proposal* proposal) {
  for (std::size_t i = 0; i < edit.merge.size(); ++i) {
    const std::string& name = edit.merge[i];
    const std::string place = param + ".merge[" + std::to_string(i) + "]";
    if (name == edit.skill) {
      return At(place, ErrorCode::kInvalid, "`" + place + "` must be another proposed skill");
    }
    const Result<SkillDraft*> found = FindOpen(proposal, name, place);
    if (!found) return found.error();
    const SkillDraft other = **found;
    Drop(name, proposal);
    SkillDraft* draft = Find(proposal, edit.skill);
    draft->labels.insert(draft->labels.end(), other.labels.begin(), other.labels.end());
    draft->count += other.count;
    draft->cohesion.reset();
    AddExamples(other.skill.examples, &draft->skill.examples);
  }
  return Ok{};
}

Status Rename(const std::string& to, const std::string& param, Proposal* proposal,
              SkillDraft* draft) {
  SkillDraft* other = Find(proposal, to);
  if (other != nullptr && other != draft) {
    return At(param + ".name", ErrorCode::kInvalid,
              "`" + param + ".name`: another proposed skill is called `" + to +
                  "`; `merge` makes one of both");
  }
  draft->skill.name = to;
  return Ok{};
}

Status CheckSkill(const Skill& skill, const std::string& param) {
  Status sound = Validate(skill);
  if (sound) return Ok{};
  const std::string place = param + "." + sound.error().param;
  return At(place, ErrorCode::kInvalid, "`" + place + "` " + sound.error().message);
}

Status EditDraft(const DraftEdit& edit, const Snapshot& snapshot, const std::string& param,
                 Proposal* proposal) {
  const Result<SkillDraft*> found = FindOpen(proposal, edit.skill, param + ".skill");
  if (!found) return found.error();
  if (edit.drop) {
    proposal->left_out.insert(proposal->left_out.end(), (*found)->labels.begin(),
                              (*found)->labels.end());
    Drop(edit.skill, proposal);
    return Ok{};
  }
  if (Status merged = Merge(edit, param, proposal); !merged) return merged;
  SkillDraft* draft = Find(proposal, edit.skill);
  if (edit.category) draft->skill.category = *edit.category;
  if (edit.description) draft->skill.description = *edit.description;
  if (edit.examples) draft->skill.examples = *edit.examples;
  if (edit.into) {
    if (Status there = CheckInto(snapshot, *edit.into, param + ".into"); !there) return there;
    draft->into = *edit.into;
  }
  if (edit.name) {
    if (Status named = Rename(*edit.name, param, proposal, draft); !named) return named;
  }
  return CheckSkill(draft->skill, param);
}

Result<std::vector<SkillDraft*>> Chosen(const Acceptance& acceptance, const Snapshot& snapshot,
                                        Proposal* proposal) {
  std::vector<SkillDraft*> chosen;
  if (acceptance.skills.empty()) {
    for (SkillDraft& draft : proposal->skills) {
      if (draft.accepted.empty()) chosen.push_back(&draft);
    }
  }
  for (std::size_t i = 0; i < acceptance.skills.size(); ++i) {
    const Acceptance::One& one = acceptance.skills[i];
    const std::string param = "skills[" + std::to_string(i) + "]";
    const Result<SkillDraft*> found = FindOpen(proposal, one.skill, param);
    if (!found) return found.error();
    if (std::find(chosen.begin(), chosen.end(), *found) != chosen.end()) {
      return At(param, ErrorCode::kInvalid, "`" + param + "`: `" + one.skill + "` stands twice");
    }
    if (one.into) (*found)->into = *one.into;
    if (Status there = CheckInto(snapshot, (*found)->into, param + ".into"); !there) {
      return std::move(there).error();
    }
    chosen.push_back(*found);
  }
  if (chosen.empty()) {
    return At("skills", ErrorCode::kConflict,
              "no proposed skill is left to accept; reject or delete the proposal");
  }
  return chosen;
}

Status CheckNamesFree(const std::vector<SkillDraft*>& chosen, const Snapshot& snapshot) {
  std::vector<std::string> taken;
  for (const SkillDraft* draft : chosen) {
    const bool exists = snapshot.FindSkill(draft->skill.name) != nullptr;
    if (draft->into.empty() && exists) taken.push_back("`" + draft->skill.name + "`");
  }
  if (taken.empty()) return Ok{};
  return At("skills", ErrorCode::kConflict,
            "there are skills already that are called " + Join(taken, ", ") +
                ": say `into` for each to add its examples to one, give it another name, or leave "
                "it out of `skills`");
}

}  // namespace

Status EditProposal(const ProposalEdit& edit, const Snapshot& snapshot, Proposal* proposal) {
  if (Status open = CheckOpen(*proposal); !open) return open;
  if (edit.name) proposal->name = *edit.name;
  for (std::size_t i = 0; i < edit.skills.size(); ++i) {
    const std::string param = "skills[" + std::to_string(i) + "]";
    if (Status done = EditDraft(edit.skills[i], snapshot, param, proposal); !done) return done;
  }
  return Ok{};
}

Result<StoreChange> AcceptProposal(const Acceptance& acceptance, const Snapshot& snapshot,
                                   Proposal* proposal) {
  if (Status open = CheckOpen(*proposal); !open) return std::move(open).error();
  const auto chosen = Chosen(acceptance, snapshot, proposal);
  if (!chosen) return chosen.error();
  if (Status free = CheckNamesFree(*chosen, snapshot); !free) return std::move(free).error();
  std::map<std::string, Skill> puts;
  for (SkillDraft* draft : *chosen) {
    const std::string& name = draft->into.empty() ? draft->skill.name : draft->into;
    const SkillEntry* present = snapshot.FindSkill(name);
    if (Status there = CheckInto(snapshot, draft->into, "skills"); !there) {
      return std::move(there).error();
    }
    Skill& skill =
        puts.try_emplace(name, present == nullptr ? draft->skill : present->spec).first->second;
    AddExamples(draft->skill.examples, &skill.examples);
    draft->accepted = name;
  }
  StoreChange change;
  for (auto& [name, skill] : puts) {
    if (Status sound = CheckSkill(skill, "skills." + name); !sound) return std::move(sound).error();
    change.put_skills.push_back(std::move(skill));
  }
  const bool rest = std::any_of(proposal->skills.begin(), proposal->skills.end(),
                                [](const SkillDraft& draft) { return draft.accepted.empty(); });
  if (!rest) proposal->status = ProposalStatus::kAccepted;
  return change;
}

Status RejectProposal(Proposal* proposal) {
  if (Status open = CheckOpen(*proposal); !open) return open;
  const bool some = std::any_of(proposal->skills.begin(), proposal->skills.end(),
                                [](const SkillDraft& draft) { return !draft.accepted.empty(); });
  proposal->status = some ? ProposalStatus::kAccepted : ProposalStatus::kRejected;
  return Ok{};
}

}  // namespace moerge
