// Small registries for router tests: experts, skills and policies in a few words.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/registry.h"
#include "router/policy_router.h"

namespace moerge {

inline Expert MakeExpert(std::string name, std::map<std::string, double> skills) {
  Expert expert;
  expert.name = std::move(name);
  expert.backend = "local";
  expert.model = expert.name;
  expert.skills = std::move(skills);
  return expert;
}

inline Expert MakeTool(std::string name, std::string skill) {
  Expert expert;
  expert.name = std::move(name);
  expert.kind = ExpertKind::kTool;
  expert.model = expert.name;
  expert.skills = {{std::move(skill), 0.95}};
  return expert;
}

inline Skill MakeSkill(std::string name, std::vector<std::string> examples = {}) {
  Skill skill;
  skill.name = std::move(name);
  skill.examples = std::move(examples);
  return skill;
}

inline Evidence MakeEvidence(std::string expert, std::string skill, double wins, double trials) {
  Evidence evidence;
  evidence.expert = std::move(expert);
  evidence.skill = std::move(skill);
  evidence.wins = wins;
  evidence.trials = trials;
  evidence.source = "test";
  return evidence;
}

// What a registry would hold; Snapshot() builds it as the registry does.
struct World {
  std::vector<Expert> experts;
  std::vector<Skill> skills;
  std::vector<Evidence> evidence;
  std::vector<std::string> backends{"local"};

  World() = default;
  World(std::vector<Expert> e, std::vector<Skill> s, std::vector<Evidence> v = {})
      : experts(std::move(e)), skills(std::move(s)), evidence(std::move(v)) {}

  SnapshotPtr MakeSnapshot() const {
    StoredState stored;
    for (const std::string& name : backends) {
      Backend& backend = stored.backends.emplace_back();
      backend.name = name;
      backend.base_url = "http://127.0.0.1:1/v1";
    }
    stored.experts = experts;
    stored.skills = skills;
    stored.evidence.Put(evidence);
    Result<SnapshotPtr> snapshot = BuildSnapshot({}, stored);
    return snapshot.ok() ? *snapshot : nullptr;
  }

  PolicyRouter MakeRouter() const {
    return PolicyRouter(std::make_shared<const ExpertTable>(MakeSnapshot()), nullptr);
  }
};

// A request whose skills are given, so that step 2 is tested alone.
inline RouteRequest Needs(std::vector<std::string> skills) {
  RouteRequest request;
  request.skills = std::move(skills);
  return request;
}

inline Demand DemandOf(const Classifier& classifier, const RequestText& text) {
  RouteRequest request;
  request.text = text;
  return classifier.Classify(Reading(request));
}

inline std::string NameAt(const std::vector<Seat>& seats, std::size_t i) {
  return i < seats.size() ? std::string(NameOf(seats[i].expert)) : "(none)";
}

inline std::vector<std::string> Names(const std::vector<ExpertId>& ids) {
  std::vector<std::string> names;
  for (const ExpertId id : ids) names.emplace_back(NameOf(id));
  return names;
}

inline Exclusion WhyExcluded(const Decision& decision, std::string_view expert) {
  for (const Candidate& candidate : decision.candidates) {
    if (NameOf(candidate.expert) == expert) return candidate.excluded;
  }
  return Exclusion::kNone;
}

inline std::string AllReasons(const Decision& decision) {
  std::string all;
  for (const std::string& reason : decision.reasons) all += reason + "\n";
  return all;
}

}  // namespace moerge
