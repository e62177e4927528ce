// What a reviewer does with a vocabulary proposal: change it, accept skills of it, reject it.
// Pure; any thread. On an error the proposal may be changed in part: throw it away.
// Errors: kInvalid with `param`; kConflict for what has been decided already and for names that
// are taken.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/snapshot.h"
#include "registry/store.h"
#include "services/vocabulary/proposal.h"

namespace moerge {

inline constexpr std::size_t kMaxSkillExamples = 100;  // of one skill

// What is to change of one proposed skill; what is not given stays.
struct DraftEdit {
  std::string skill;  // its name as proposed
  std::optional<std::string> name, category, description;
  std::optional<std::vector<std::string>> examples;
  std::optional<std::string> into;  // see SkillDraft; empty: a new skill after all
  std::vector<std::string> merge;   // proposed skills that become part of this one
  bool drop = false;                // its labels are left out
};

struct ProposalEdit {
  std::optional<std::string> name;
  std::vector<DraftEdit> skills;  // in this order
};

Status EditProposal(const ProposalEdit& edit, const Snapshot& snapshot, Proposal* proposal);

struct Acceptance {
  struct One {
    std::string skill;
    std::optional<std::string> into;
  };
  std::vector<One> skills;  // empty: all that are left
};

// The skills as a change of the registry; `proposal` remembers what became of each. It stays open
// until none is left. Skills of the names of others are refused, all of them named, unless they are
// to go into one.
Result<StoreChange> AcceptProposal(const Acceptance& acceptance, const Snapshot& snapshot,
                                   Proposal* proposal);

// Closes it: "rejected", or "accepted" where something was.
Status RejectProposal(Proposal* proposal);

}  // namespace moerge
