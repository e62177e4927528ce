// Which experts take a role for others' answers: those measured in it for what a request needs come
// first, the best first; after them the unmeasured ones. Pure; any thread.
//
// An expert's record at one skill is shrunk toward its record in the role overall: with 20 tasks
// per category chance would decide (Efron and Morris 1975; as in router/profile/posterior.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/snapshot.h"
#include "router/demand.h"

namespace moerge {

// Tasks of an expert's record over all categories that are added to those of one category.
// Simulated on MMLU-Pro, the best of 10 and of 5 models chosen by 10, 20 and 50 questions of each
// of 14 categories: 20 to 80 are alike, and up to 1.4 points better than 0.
inline constexpr double kRoleOverallTrials = 40;

struct RoleRecord {
  double wins = 0;
  double trials = 0;
  double mean = 0;  // posterior
  double Agreement() const { return wins / trials; }
};
// Nothing: it was not measured.
std::optional<RoleRecord> RecordIn(const ExpertEntry& expert, std::string_view role,
                                   std::string_view category);

struct RoleCall {
  const Snapshot& snapshot;
  const Demand& demand;
  std::string_view role;  // config/roles.h; empty: one that is not measured
  double floor = 0;       // experts that agreed in a smaller share of tasks are left out
};

struct RoleLine {
  std::vector<const ExpertEntry*> experts;   // in order; no expert twice
  std::string category;                      // that was measured; empty: none was
  std::vector<const ExpertEntry*> left_out;  // below the floor
  std::string_view role;

  // "author elected for algebra: qwen, right in 17 of 20 tasks"; empty: `expert` was not measured.
  std::string WhyElected(const ExpertEntry& expert) const;
  std::string WhyLeftOut(const ExpertEntry& expert) const;
};
// `named`, none twice, stay in front; `others` come in order of preference where nothing was
// measured. The category is the request's most probable skill, or if no expert was measured at
// that, the skill's own category.
RoleLine LineUp(const RoleCall& call, const std::vector<const ExpertEntry*>& named,
                const std::vector<const ExpertEntry*>& others);

}  // namespace moerge
