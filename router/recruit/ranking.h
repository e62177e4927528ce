// Candidates of one request, scored, checked and put in order. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "router/decision.h"
#include "router/recruit/dependence.h"
#include "router/recruit/expert_table.h"
#include "router/router.h"

namespace moerge {

// How candidates are scored; the values of Policy::recruiter.
enum class Rule {
  kExpected,    // "expected": by the whole demand
  kTaskLevel,   // "task-level": by the most probable skill alone
  kBestSingle,  // "best-single": by overall strength, whatever the request
  kRandom,      // "random": any expert that fits, by the request's seed and text
  kTop,         // "top": as `expected`, always the `experts` highest, whatever they have in common
  kSampling,    // "sampling": drawn with replacement by skill and overall strength (Symbolic-MoE)
  kMapping,     // "mapping": the expert of the first skill in a table made for a budget (CoE)
};
std::optional<Rule> ParseRule(std::string_view name);
const std::vector<std::string>& RuleNames();
Rule RuleOf(const Policy& policy);
// Whether scores follow the request's own text as well as its skills.
bool FollowsText(Rule rule);

struct Ranked {
  std::uint32_t expert;  // index into the expert_table
  float expected;
  float utility;
};

// What the policy's mapping says about a request. The table is null for other recruiters.
struct MappedSkill {
  MappingPtr table;
  const Mapping::Row* row = nullptr;  // of the first skill; null: the mapping does not know it
  bool refused() const { return table != nullptr && !table->ok(); }
  bool no_expert() const { return row != nullptr && !row->expert.has_value(); }
};

struct Ranking {
  std::vector<SkillProbability> demand;  // what candidates were scored by
  std::vector<Ranked> tools;             // by how much of the demand they cover, most first
  std::vector<float> covered;            // by tool, in that order
  std::vector<Ranked> models;  // by utility, highest first; ties by name. Only `leading` are sorted
  std::size_t leading = 0;
  MappedSkill mapped;  // Rule::kMapping alone
  // Set where the first model is there for its overall strength (caution.h), before one of higher
  // utility whose lead means too little.
  struct Kept {
    std::uint32_t leader;
    float lead;
    float needed;
  };
  std::optional<Kept> kept;
  struct Excluded {
    std::uint32_t expert;
    Exclusion why;
    float expected;
  };
  std::vector<Excluded> excluded;
  // So many of the first models are those that the request was assigned to with others: they are
  // asked. 0: it was not.
  std::size_t assigned = 0;
  // The best model has its most of the tenant's requests, and the policy refuses what is too much.
  std::optional<std::uint32_t> refused;
  // The backends of all models that fit fail at present, so that they are asked all the same.
  bool last_resort = false;
  std::vector<std::string> unknown_experts;
};

// What the classifier's features say about each expert on this very request, if anything: scores by
// expert that replace the profile's expectation. Empty: the profile decides.
using Correction = std::function<void(std::vector<float>* expected)>;

struct RankInput {
  const ExpertTable& expert_table;
  const RouteRequest& request;
  const Policy& policy;
  const Health* health;
  const Demand& demand;
  const Correction& correction;
  const Dependence& dependence;
};

// Sorts the best `leading` models.
Ranking Rank(const RankInput& input, std::size_t leading);

}  // namespace moerge
