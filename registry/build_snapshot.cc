#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/base/text.h"
#include "config/roles.h"
#include "registry/merge.h"
#include "registry/registry.h"

namespace moerge {
namespace {

enum class NameKind : std::uint8_t { kUnseen, kSkill, kRole, kOther };

// What the names of evidence stand for, each looked at once.
class NameKinds {
 public:
  explicit NameKinds(const std::vector<SkillEntry>& skills) {
    Slot(InternSkill(kGeneralSkill)) = NameKind::kSkill;
    for (const SkillEntry& skill : skills) Slot(skill.id) = NameKind::kSkill;
  }

  NameKind Of(SkillId id) {
    NameKind& kind = Slot(id);
    if (kind == NameKind::kUnseen) {
      kind = IsRoleName(NameOf(id)) ? NameKind::kRole : NameKind::kOther;
    }
    return kind;
  }

 private:
  NameKind& Slot(SkillId id) {
    if (Raw(id) >= kinds_.size()) kinds_.resize(Raw(id) + 1);
    return kinds_[Raw(id)];
  }
  std::vector<NameKind> kinds_;  // by raw id
};

struct Cells {
  std::vector<SkillRecord> skills;
  std::vector<SkillRecord> roles;
};

// The cells of all rows, each as old as its row makes it.
Cells Gather(std::span<const EvidenceRowPtr> rows, const Aging& aging, NameKinds* kinds) {
  Cells cells;
  for (const EvidenceRowPtr& row : rows) {
    const auto weight = static_cast<float>(AgeWeight(row->updated, aging));
    cells.skills.reserve(cells.skills.size() + row->cells.size());
    for (const SkillRecord& cell : row->cells) {
      const NameKind kind = kinds->Of(cell.skill);
      if (kind == NameKind::kOther) continue;
      auto& to = kind == NameKind::kSkill ? cells.skills : cells.roles;
      to.push_back({cell.skill, cell.wins * weight, cell.trials * weight});
    }
  }
  return cells;
}

// One record a name, ascending. `rows`: how many each ascending by itself are in `sum`.
std::vector<SkillRecord> SumOf(std::vector<SkillRecord> sum, std::size_t rows) {
  if (rows < 2) return sum;
  std::stable_sort(sum.begin(), sum.end(),
                   [](const SkillRecord& a, const SkillRecord& b) { return a.skill < b.skill; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < sum.size(); ++i) {
    if (sum[i].skill == sum[kept].skill) {
      sum[kept].wins += sum[i].wins;
      sum[kept].trials += sum[i].trials;
    } else {
      sum[++kept] = sum[i];
    }
  }
  if (!sum.empty()) sum.resize(kept + 1);
  return sum;
}

std::vector<std::pair<SkillId, float>> DeclaredOf(const Expert& expert) {
  std::vector<std::pair<SkillId, float>> declared;
  for (const auto& [skill, strength] : expert.skills) {
    if (skill == kGeneralSkill) continue;
    declared.emplace_back(InternSkill(skill), static_cast<float>(strength));
  }
  std::sort(declared.begin(), declared.end());
  return declared;
}

void AddSkills(std::vector<Skill> skills, Snapshot* snapshot) {
  snapshot->skills.reserve(skills.size());
  for (Skill& skill : skills) {
    const SkillId id = InternSkill(skill.name);
    snapshot->skills.push_back({id, std::move(skill)});
  }
}

void AddExperts(std::vector<Expert> experts, const EvidenceTable& evidence, Snapshot* snapshot) {
  NameKinds kinds(snapshot->skills);
  snapshot->experts.reserve(experts.size());
  for (Expert& expert : experts) {
    const ExpertId id = InternExpert(expert.name);
    auto declared = DeclaredOf(expert);
    auto retired = InternSkills(expert.retired_skills);
    const auto rows = evidence.RowsOfExpert(id);
    Cells cells = Gather(rows, snapshot->aging, &kinds);
    snapshot->experts.push_back({id,
                                 std::move(expert),
                                 SumOf(std::move(cells.skills), rows.size()),
                                 std::move(declared),
                                 nullptr,
                                 {rows.begin(), rows.end()},
                                 SumOf(std::move(cells.roles), rows.size()),
                                 std::move(retired)});
  }
}

void AddDefaultPolicy(std::vector<Policy>* policies) {
  const bool there = std::any_of(policies->begin(), policies->end(), [](const Policy& policy) {
    return policy.name == kDefaultPolicy;
  });
  if (there) return;
  policies->emplace_back();
  policies->back().name = kDefaultPolicy;
  policies->back().origin = Origin::kBuiltIn;
}

Status CheckBackends(const Snapshot& snapshot) {
  for (const ExpertEntry& expert : snapshot.experts) {
    if (expert.spec.kind == ExpertKind::kTool || expert.backend != nullptr) continue;
    std::vector<std::string> names;
    for (const Backend& backend : snapshot.backends) names.push_back(backend.name);
    return Error{.code = ErrorCode::kInvalid,
                 .message = "expert `" + expert.spec.name + "` (" +
                            std::string(OriginName(expert.spec.origin)) + ") needs the backend `" +
                            expert.spec.backend + "`, which does not exist." +
                            DidYouMean(expert.spec.backend, names),
                 .param = "backend"};
  }
  return Ok{};
}

}  // namespace

Result<SnapshotPtr> BuildSnapshot(const DeclaredState& declared, const StoredState& stored,
                                  WallTime now) {
  auto backends = Merge<Backend>().Run(declared.backends, stored.backends);
  if (!backends.ok()) return backends.error();
  auto experts = Merge<Expert>().Run(declared.experts, stored.experts);
  if (!experts.ok()) return experts.error();
  auto skills = Merge<Skill>().Run(declared.skills, stored.skills);
  if (!skills.ok()) return skills.error();
  auto policies = Merge<Policy>().Run(declared.policies, stored.policies);
  if (!policies.ok()) return policies.error();
  auto keys = Merge<ApiKey>().Run(declared.keys, stored.keys);
  if (!keys.ok()) return keys.error();

  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision = stored.revision;
  snapshot->training_revision = stored.training.revision;
  snapshot->aging = {declared.half_life, DayOf(now)};
  snapshot->backends = *std::move(backends);
  snapshot->policies = *std::move(policies);
  snapshot->keys = *std::move(keys);
  AddDefaultPolicy(&snapshot->policies);
  AddSkills(*std::move(skills), snapshot.get());
  AddExperts(*std::move(experts), stored.evidence, snapshot.get());
  snapshot->Seal();
  if (Status sound = CheckBackends(*snapshot); !sound.ok()) return sound.error();
  return SnapshotPtr(std::move(snapshot));
}

}  // namespace moerge
