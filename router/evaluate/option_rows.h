// The leaderboard's rows for single options: the default policy, or a vote, with one thing changed,
// each named as it is asked for by name ("vote-3 experts.null=true"). Pure.
#pragma once

#include <string>
#include <vector>

#include "config/base/result.h"
#include "router/evaluate/contestants.h"

namespace moerge {

// Changes a policy by "NAME=VALUE": `experts`, `price_weight`, `min_score`, `aggregate` (`first` or
// `vote`), or one of its options. Errors: kInvalid, which setting is wrong and what is allowed.
Status ApplySetting(const std::string& setting, Policy* policy);

// How many experts (`experts.max`, `experts.margin`, `experts.null`), when another or none
// (`experts.caution`, `experts.abstain`), and at what price (`price_weight`, `mapping.budget`).
// Rows that the table has too little data for are included and name what it lacks.
std::vector<Contestant> OptionContestants(const TableTraits& traits);

// `classifier-rules` with the words of the categories' own names as keywords.
Contestant RulesFromNames(const std::vector<std::string>& categories);

}  // namespace moerge
