#include "router/profile/posterior.h"

#include <algorithm>

#include "registry/registry.h"

namespace moerge {

const SkillRecord* FindRecord(std::span<const SkillRecord> cells, SkillId skill) {
  const auto at = std::lower_bound(
      cells.begin(), cells.end(), skill,
      [](const SkillRecord& record, SkillId id) { return Raw(record.skill) < Raw(id); });
  if (at == cells.end() || at->skill != skill || at->trials <= 0) return nullptr;
  return &*at;
}

const SkillRecord* RecordOf(const ExpertEntry& expert, SkillId skill) {
  return FindRecord(expert.record, skill);
}

const float* DeclaredOf(const ExpertEntry& expert, SkillId skill) {
  const auto at = std::lower_bound(
      expert.declared.begin(), expert.declared.end(), skill,
      [](const auto& declared, SkillId id) { return Raw(declared.first) < Raw(id); });
  if (at == expert.declared.end() || at->first != skill) return nullptr;
  return &at->second;
}

Overall OverallOf(const ExpertEntry& expert) {
  Overall overall;
  double wins = 0;
  float most = 0;
  for (const SkillRecord& record : expert.record) {
    wins += record.wins;
    overall.measured += record.trials;
    most = std::max(most, record.trials);
  }
  // Stray shares of a trial make no expert broad.
  const auto skills = static_cast<std::size_t>(
      std::count_if(expert.record.begin(), expert.record.end(), [&](const SkillRecord& record) {
        return record.trials > 0 && record.trials >= kBroadShare * most;
      }));
  const auto declared = expert.spec.skills.find(std::string(kGeneralSkill));
  const bool claims = declared != expert.spec.skills.end();
  static const SkillId general = InternSkill(kGeneralSkill);
  overall.general = claims || skills >= kBroadSkills || RecordOf(expert, general) != nullptr;
  const double prior = claims ? declared->second : 0.5;
  const double trials = claims ? kDeclaredTrials : 2;
  overall.strength.known = claims || overall.measured > 0;
  overall.strength.trials = overall.measured + trials;
  overall.strength.mean = (wins + prior * trials) / overall.strength.trials;
  return overall;
}

Posterior PosteriorOf(const ExpertEntry& expert, const Overall& overall, SkillId skill) {
  const SkillRecord* record = RecordOf(expert, skill);
  const float* declared = DeclaredOf(expert, skill);
  Posterior posterior;
  posterior.known = record != nullptr || declared != nullptr || overall.general;
  if (!posterior.known) return posterior;
  // A claim of its own replaces the general one, but only in addition to what was measured.
  const double behind = declared != nullptr ? overall.measured : overall.strength.trials;
  const double shared = overall.strength.known ? std::min(kOverallTrials, behind) : 0;
  double wins = shared * overall.strength.mean;
  posterior.trials = shared;
  if (declared != nullptr) {
    const double claim =
        std::max(kDeclaredTrials - (record == nullptr ? 0.0 : double{record->trials}), 0.0);
    wins += claim * static_cast<double>(*declared);
    posterior.trials += claim;
  }
  if (record != nullptr) {
    wins += record->wins;
    posterior.trials += record->trials;
  }
  posterior.mean = wins / posterior.trials;
  return posterior;
}

}  // namespace moerge
