// Bodies of /api/v1/vocabulary/proposals. Thread-safe, pure. Errors: kInvalid with `param`, for
// example "labels[3].count".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "router/vocabulary/vocabulary.h"
#include "services/vocabulary/reported_labels.h"
#include "services/vocabulary/review.h"

namespace moerge::api {

inline constexpr std::size_t kMaxGivenLabels = 10'000;  // of one request, same ones counted twice
inline constexpr std::size_t kMaxLabelBytes = 256;

struct NewProposal {
  std::string name;
  std::string from = "labels";  // or "decisions"
  std::vector<FreeLabel> labels;
  ReportedLabelOptions reported;
  VocabularyOptions options;
};
// {"labels": [text or {"text", "count"?, "prompts"?}] or "from": "decisions" with "decisions"? and
// "since"?; "name"?, "merge_at"?, "prompts_weight"?, "least_count"?, "max_skills"?}
Result<NewProposal> ReadNewProposal(std::string_view body);

// {"name"?, "skills"?: [{"skill", "name"?, "category"?, "description"?, "examples"?, "into"?,
// "merge"?: [names], "drop"?}]}
Result<ProposalEdit> ReadProposalEdit(std::string_view body);

// {"skills"?: [name or {"skill", "into"?}]}; nothing at all: every skill.
Result<Acceptance> ReadAcceptance(std::string_view body);

}  // namespace moerge::api
