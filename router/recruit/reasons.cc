#include "router/recruit/reasons.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "config/base/text.h"
#include "registry/provisional.h"
#include "registry/registry.h"
#include "router/recruit/provenance.h"

namespace moerge {
namespace {

// Two decimals: reasons are written for every request, and printf takes several times as long.
std::string Two(double value) {
  char text[64];
  const double hundredths = std::abs(value) * 100 + 0.5;
  if (!(hundredths < 1e9)) {
    return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 2).ptr};
  }
  const auto left = static_cast<std::uint32_t>(hundredths);
  char* end = text;
  if (value < 0) *end++ = '-';
  end = std::to_chars(end, text + sizeof text, left / 100).ptr;
  *end++ = '.';
  *end++ = static_cast<char>('0' + left / 10 % 10);
  *end++ = static_cast<char>('0' + left % 10);
  return {text, end};
}

std::string Count(double value) {
  char text[64];
  const auto end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::general, 4).ptr;
  return std::string(text, end);
}

std::string Name(SkillId id) { return std::string(NameOf(id)); }
std::string Name(ExpertId id) { return std::string(NameOf(id)); }

std::string TopSkill(const Demand& demand) {
  return demand.skills.empty() ? "general" : Name(demand.skills.front().skill);
}

std::string DemandReason(const Demand& demand) {
  if (demand.skills.empty()) return "no skills are known: experts are compared by overall strength";
  if (demand.confidence == 0) {
    return "the text does not tell which skill it needs: experts are compared by overall strength";
  }
  return "demand: " + DemandInWords(demand) + " (" + demand.classifier + ")";
}

// What the expectation of one expert for one skill rests on.
std::string Evidence(const ExpertEntry& expert, SkillId skill) {
  const std::string name = Name(skill);
  if (const SkillRecord* record = RecordOf(expert, skill)) {
    return Count(record->wins) + " of " + Count(record->trials) + " right in " + name +
           ProvenanceInWords(expert, skill);
  }
  if (const float* declared = DeclaredOf(expert, skill)) {
    return "declared " + Two(*declared) + " for " + name;
  }
  const auto general = expert.spec.skills.find(std::string(kGeneralSkill));
  if (general != expert.spec.skills.end()) {
    return "declared " + Two(general->second) + " in general";
  }
  return "its overall strength";
}

std::string ChoiceReason(const RankInput& input, const Ranking& ranking, const Decision& decision) {
  const Ranked& best = ranking.models.front();
  const Candidate* candidate = nullptr;
  for (const Candidate& each : decision.candidates) {
    if (each.expert == input.panel.expert(best.expert).id) candidate = &each;
  }
  std::string reason;
  reason.reserve(160);
  reason += NameOf(input.panel.expert(best.expert).id);
  if (candidate != nullptr) {
    reason += ": expected " + Two(candidate->expected) + " (" + Two(candidate->low) + "-" +
              Two(candidate->high) + ")";
  }
  if (input.policy.price_weight > 0 && candidate != nullptr && candidate->price > 0) {
    reason += ", " + Two(candidate->utility) + " after price";
  }
  if (ranking.models.size() > 1) {
    const Ranked& next = ranking.models[1];
    reason += ", " + Two(best.utility - next.utility) + " above " +
              Name(input.panel.expert(next.expert).id);
  }
  if (!ranking.demand.empty()) {
    reason += "; " + Evidence(input.panel.expert(best.expert), ranking.demand.front().skill);
  }
  if (IsProvisional(input.panel.expert(best.expert))) {
    reason += "; provisional: " + Count(MeasuredTrials(input.panel.expert(best.expert))) + " of " +
              Count(kProvisionalTrials) + " trials measured";
  }
  return reason;
}

std::string RuleReason(const Policy& policy) {
  if (policy.recruiter == "random") return "recruiter random: drawn by lot among those that fit";
  if (policy.recruiter == "best-single") return "recruiter best-single: the strongest overall";
  if (policy.recruiter == "task-level") return "recruiter task-level: by the first skill alone";
  return {};
}

std::string ToolReason(const RankInput& input, const Ranking& ranking, std::size_t tool) {
  return Name(input.panel.expert(ranking.tools[tool].expert).id) +
         " is asked first: its skill has probability " + Two(ranking.covered[tool]) +
         "; it costs nothing and declines when unsure";
}

std::string ExcludedReason(const Ranking& ranking) {
  constexpr std::size_t kKinds = 16;
  std::array<std::size_t, kKinds> counts{};
  for (const auto& excluded : ranking.excluded) ++counts[static_cast<std::size_t>(excluded.why)];
  std::string parts;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (counts[kind] == 0) continue;
    parts += (parts.empty() ? "" : ", ") +
             std::string(ExclusionName(static_cast<Exclusion>(kind))) + " " +
             std::to_string(counts[kind]);
  }
  return "left out: " + parts;
}

std::string EmptyReason(const RankInput& input) {
  const std::string skill = TopSkill(input.demand);
  if (input.panel.size() == 0) {
    return "no expert is registered: add one with `moerge experts add`, or under `experts` in the "
           "configuration file";
  }
  return "no expert fits a request that needs " + skill + ": add one that declares `" + skill +
         "` or `general` under `skills` (`moerge experts add`, or `experts` in the configuration "
         "file), or enable one that is left out";
}

}  // namespace

std::string DemandInWords(const Demand& demand) {
  constexpr std::size_t kNamed = 3;
  std::string words;
  words.reserve(96);
  for (std::size_t i = 0; i < std::min(kNamed, demand.skills.size()); ++i) {
    const SkillProbability& part = demand.skills[i];
    if (i > 0 && part.probability < 0.05f) break;
    words += (i == 0 ? "" : ", ") + Name(part.skill) + " " + Two(part.probability);
  }
  return words;
}

void Explain(const RankInput& input, const Ranking& ranking, std::size_t tools,
             Decision* decision) {
  std::vector<std::string>& reasons = decision->reasons;
  reasons.reserve(4);
  reasons.push_back(DemandReason(input.demand));
  for (const std::string& name : ranking.unknown_experts) {
    reasons.push_back("`" + name + "` is not the name of an expert");
  }
  for (std::size_t i = 0; i < tools; ++i) reasons.push_back(ToolReason(input, ranking, i));
  if (std::string rule = RuleReason(input.policy); !rule.empty())
    reasons.push_back(std::move(rule));
  if (!ranking.models.empty()) reasons.push_back(ChoiceReason(input, ranking, *decision));
  if (!ranking.excluded.empty()) reasons.push_back(ExcludedReason(ranking));
  if (decision->roster.empty()) reasons.push_back(EmptyReason(input));
}

}  // namespace moerge
