#include "services/roles/election.h"

#include <algorithm>

#include "config/base/text.h"
#include "config/roles.h"
#include "registry/registry.h"
#include "router/profile/posterior.h"

namespace moerge {
namespace {

using Experts = std::vector<const ExpertEntry*>;

// Posterior mean of the role over all categories.
double MeanOverAll(const ExpertEntry& expert, std::string_view role) {
  double wins = 1;
  double trials = 2;
  for (const SkillRecord& record : expert.roles) {
    const std::string_view name = NameOf(record.skill);
    if (name.size() <= role.size() || !name.starts_with(role) || name[role.size()] != '.') continue;
    wins += record.wins;
    trials += record.trials;
  }
  return wins / trials;
}

bool AnyMeasured(const Experts& experts, std::string_view role, const std::string& category) {
  return std::ranges::any_of(experts, [&](const ExpertEntry* expert) {
    return RecordIn(*expert, role, category).has_value();
  });
}

// The skill or its category, whichever has a measured expert; empty: neither.
std::string CategoryOf(const RoleCall& call, const Experts& experts) {
  if (call.role.empty() || call.demand.skills.empty()) return {};
  const SkillEntry* skill = call.snapshot.FindSkill(call.demand.skills.front().skill);
  if (skill == nullptr) return {};
  for (const std::string& category : {skill->spec.name, skill->spec.category}) {
    if (!category.empty() && AnyMeasured(experts, call.role, category)) return category;
  }
  return {};
}

std::string Counts(const RoleRecord& record) {
  return "right in " + FormatNumber(record.wins, 6) + " of " + FormatNumber(record.trials, 6) +
         " tasks";
}

void Append(const ExpertEntry* expert, Experts* line) {
  if (std::ranges::find(*line, expert) == line->end()) line->push_back(expert);
}

}  // namespace

std::optional<RoleRecord> RecordIn(const ExpertEntry& expert, std::string_view role,
                                   std::string_view category) {
  if (expert.roles.empty()) return std::nullopt;
  const SkillRecord* found = FindRecord(expert.roles, InternSkill(RoleName(role, category)));
  if (found == nullptr) return std::nullopt;
  RoleRecord record{found->wins, found->trials, 0};
  record.mean = (record.wins + kRoleOverallTrials * MeanOverAll(expert, role)) /
                (record.trials + kRoleOverallTrials);
  return record;
}

RoleLine LineUp(const RoleCall& call, const Experts& named, const Experts& others) {
  Experts all = named;
  for (const ExpertEntry* expert : others) Append(expert, &all);
  RoleLine line{
      .experts = {}, .category = CategoryOf(call, all), .left_out = {}, .role = call.role};
  if (line.category.empty()) {
    line.experts = std::move(all);
    return line;
  }
  const auto mean = [&](const ExpertEntry* expert) {
    const auto record = RecordIn(*expert, call.role, line.category);
    return record ? record->mean : -1;
  };
  std::stable_sort(all.begin() + static_cast<std::ptrdiff_t>(named.size()), all.end(),
                   [&](const auto* a, const auto* b) { return mean(a) > mean(b); });
  for (const ExpertEntry* expert : all) {
    const auto record = RecordIn(*expert, call.role, line.category);
    const bool below = record && record->Agreement() < call.floor;
    (below ? line.left_out : line.experts).push_back(expert);
  }
  return line;
}

std::string RoleLine::WhyElected(const ExpertEntry& expert) const {
  const auto record = RecordIn(expert, role, category);
  if (!record) return {};
  return std::string(role) + " elected for " + category + ": " + expert.spec.name + ", " +
         Counts(*record);
}

std::string RoleLine::WhyLeftOut(const ExpertEntry& expert) const {
  const auto record = RecordIn(expert, role, category);
  if (!record) return {};
  return "no " + std::string(role) + " for " + category + ": " + expert.spec.name + ", " +
         Counts(*record);
}

}  // namespace moerge
