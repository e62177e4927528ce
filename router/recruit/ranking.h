// Candidates of one request, scored, checked and put in order. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "router/decision.h"
#include "router/recruit/panel.h"
#include "router/router.h"

namespace moerge {

// How candidates are scored; the values of Policy::recruiter.
enum class Rule {
  kExpected,    // "expected": by the whole demand
  kTaskLevel,   // "task-level": by the most probable skill alone
  kBestSingle,  // "best-single": by overall strength, whatever the request
  kRandom,      // "random": any expert that fits, by the request's seed and text
};
std::optional<Rule> ParseRule(std::string_view name);
const std::vector<std::string>& RuleNames();

struct Ranked {
  std::uint32_t expert;  // index into the panel
  float expected;
  float utility;
};

struct Ranking {
  std::vector<SkillProbability> demand;  // what candidates were scored by
  std::vector<Ranked> tools;             // by how much of the demand they cover, most first
  std::vector<float> covered;            // by tool, in that order
  std::vector<Ranked> models;  // by utility, highest first; ties by name. Only `leading` are sorted
  std::size_t leading = 0;
  struct Excluded {
    std::uint32_t expert;
    Exclusion why;
    float expected;
  };
  std::vector<Excluded> excluded;
  std::vector<std::string> unknown_experts;
};

// What the classifier's features say about each expert on this very request, if anything: scores by
// expert that replace the profile's expectation. Empty: the profile decides.
using Correction = std::function<void(std::vector<float>* expected)>;

struct RankInput {
  const Panel& panel;
  const RouteRequest& request;
  const Policy& policy;
  const Health* health;
  const Demand& demand;
  const Correction& correction;
};

// Sorts the best `leading` models.
Ranking Rank(const RankInput& input, std::size_t leading);

}  // namespace moerge
