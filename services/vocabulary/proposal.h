// A proposed skill vocabulary under review: what was proposed, from what, and what became of it.
// Changes no routing until its skills are accepted. Plain values and their JSON, which is both what
// the store keeps and what the API shows. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "config/entities.h"
#include "registry/store.h"
#include "router/vocabulary/vocabulary.h"

namespace moerge {

inline constexpr std::size_t kMaxLabelPromptBytes = 4096;  // of one prompt, a future example

enum class ProposalStatus { kOpen, kAccepted, kRejected };
std::string_view ProposalStatusName(ProposalStatus status);  // "open", "accepted", "rejected"
std::optional<ProposalStatus> ParseProposalStatus(std::string_view name);

struct SkillDraft {
  Skill skill;
  std::vector<std::string> labels;  // that became this skill, most frequent first
  std::size_t count = 0;            // how often they were given
  std::optional<double> cohesion;   // see ProposedSkill; none: put together by hand
  std::string into;      // skill of the registry that is to get the examples; empty: a new skill
  std::string accepted;  // skill of the registry that it went to; empty: not accepted
};

struct Proposal {
  std::string id;
  std::string name;  // for people; may be empty
  WallTime created;
  ProposalStatus status = ProposalStatus::kOpen;
  std::string from;  // "labels", "decisions"
  VocabularyOptions options;
  std::size_t labels = 0;  // different ones
  std::vector<SkillDraft> skills;
  std::vector<std::string> left_out;  // labels of no skill
};

// `built` as an open proposal.
Proposal MakeProposal(VocabularyProposal built, const VocabularyOptions& options);

std::string ToJson(const Proposal& proposal);
// Error: kInternal, damaged.
Result<Proposal> ReadProposal(std::string_view json);
ProposalRecord RecordOf(const Proposal& proposal);

}  // namespace moerge
