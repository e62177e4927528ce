#include "router/recruit/reasons.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "config/base/text.h"
#include "registry/provisional.h"
#include "registry/registry.h"
#include "router/category_demand.h"
#include "router/profile/latency.h"
#include "router/recruit/blocker.h"
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

std::string Count(double value) { return FormatNumber(value, 4); }

std::string Name(SkillId id) { return std::string(NameOf(id)); }
std::string Name(ExpertId id) { return std::string(NameOf(id)); }

std::string TopSkill(const Demand& demand) {
  return demand.skills.empty() ? "general" : Name(demand.skills.front().skill);
}

// "; mathematics 0.86 in all" where related skills share what none has alone.
std::string CategoryInWords(const Demand& demand, const Snapshot& snapshot) {
  constexpr float kMore = 0.05f;
  const float first = demand.skills.front().probability;
  if (first > 1 - kMore) return {};  // as most are: others cannot add so much
  const std::vector<CategoryProbability> categories = ByCategory(demand, snapshot);
  if (categories.empty() || categories[0].probability < first + kMore) return {};
  return "; " + std::string(categories[0].category) + " " + Two(categories[0].probability) +
         " in all";
}

std::string DemandReason(const Demand& demand, const Snapshot& snapshot) {
  if (demand.skills.empty()) return "no skills are known: experts are compared by overall strength";
  if (demand.confidence == 0) {
    return "the text does not tell which skill it needs: experts are compared by overall strength";
  }
  return "demand: " + DemandInWords(demand) + CategoryInWords(demand, snapshot) + " (" +
         demand.classifier + ")";
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

// ", 0.62 after price and 1.3 s of waiting" where the policy weighs those.
std::string AfterCharges(const RankInput& input, const Ranked& best, const Candidate& candidate) {
  const bool costs = input.policy.price_weight > 0 && candidate.price > 0;
  const KnownLatency latency = input.policy.latency_weight > 0
                                   ? LatencyOf(input.expert_table.expert(best.expert), input.health)
                                   : KnownLatency{};
  const bool slow = latency.typical_ms > 0;
  if (!costs && !slow) return {};
  std::string out = ", " + Two(candidate.utility) + " after ";
  if (costs) out += slow ? "price and " : "price";
  if (slow) out += Count(latency.typical_ms / 1000) + " s of waiting";
  return out;
}

std::string ChoiceReason(const RankInput& input, const Ranking& ranking, const Decision& decision) {
  const Ranked& best = ranking.models.front();
  const Candidate* candidate = nullptr;
  for (const Candidate& each : decision.candidates) {
    if (each.expert == input.expert_table.expert(best.expert).id) candidate = &each;
  }
  std::string reason;
  reason.reserve(160);
  reason += NameOf(input.expert_table.expert(best.expert).id);
  if (candidate != nullptr) {
    reason += ": expected " + Two(candidate->expected) + " (" + Two(candidate->low) + "-" +
              Two(candidate->high) + ")";
  }
  if (candidate != nullptr) reason += AfterCharges(input, best, *candidate);
  if (ranking.kept) {
    reason += ", the strongest overall: the lead of " +
              Name(input.expert_table.expert(ranking.kept->leader).id) + ", " +
              Two(ranking.kept->lead) + ", is no more than the " + Two(ranking.kept->needed) +
              " that experts.caution asks for";
  } else if (ranking.models.size() > 1) {
    const Ranked& next = ranking.models[1];
    reason += ", " + Two(best.utility - next.utility) + " above " +
              Name(input.expert_table.expert(next.expert).id);
  }
  if (!ranking.demand.empty()) {
    reason += "; " + Evidence(input.expert_table.expert(best.expert), ranking.demand.front().skill);
  }
  if (IsProvisional(input.expert_table.expert(best.expert))) {
    reason += "; provisional: " + Count(MeasuredTrials(input.expert_table.expert(best.expert))) +
              " of " + Count(kProvisionalTrials) + " trials measured";
  }
  return reason;
}

// A client that names several skills may need all of them at once: then an expert must be right in
// each (the product rule of MATH^2, Shah et al. 2024), while its expected score is their mean.
std::string TogetherReason(const RankInput& input, const Ranking& ranking) {
  const std::vector<SkillProbability>& skills = input.demand.skills;
  if (input.demand.classifier != "client" || skills.size() < 2) return {};
  const std::uint32_t first = ranking.models.front().expert;
  double product = 1;
  std::string factors;
  for (const SkillProbability& part : skills) {
    const Posterior alone = input.expert_table.competence.At(first, part.skill);
    if (!alone.known) return {};
    product *= alone.mean;
    factors += (factors.empty() ? "" : ", ") + Name(part.skill) + " " + Two(alone.mean);
  }
  return Name(input.expert_table.expert(first).id) + " is right in all of them at once with " +
         Two(product) + " if they are independent (" + factors + ")";
}

std::string RuleReason(const Policy& policy) {
  switch (RuleOf(policy)) {
    case Rule::kRandom: return "recruiter random: drawn at random among those that fit";
    case Rule::kBestSingle: return "recruiter best-single: the strongest overall";
    case Rule::kTaskLevel: return "recruiter task-level: by the first skill alone";
    case Rule::kSampling:
      return "recruiter sampling: drawn at random by skill times overall strength; an expert "
             "drawn several times counts as often";
    case Rule::kTop: return "recruiter top: the highest expected";
    case Rule::kExpected:
    case Rule::kMapping: break;  // these say more of themselves
  }
  return {};
}

std::string MappingReason(const RankInput& input, const Ranking& ranking) {
  const MappedSkill& mapped = ranking.mapped;
  if (mapped.refused()) return "recruiter mapping: " + mapped.table->error().message;
  if (mapped.row == nullptr) {
    return "recruiter mapping: no skill that it knows was recognised; the highest expected within "
           "the budget is asked";
  }
  const std::string skill = Name(mapped.row->skill);
  if (mapped.no_expert()) return "recruiter mapping: leaves " + skill + " without an expert";
  const std::uint32_t expert = *mapped.row->expert;
  const std::string mapping = skill + " -> " + Name(input.expert_table.expert(expert).id);
  if (ranking.models.empty() || ranking.models[0].expert != expert) {
    return "recruiter mapping: " + mapping +
           ", which is left out; the highest expected within the budget is asked";
  }
  const BudgetPoint& point = (**mapped.table).point();
  return "recruiter mapping: " + mapping + "; over all skills expected " + Two(point.value) +
         " at a mean cost of " + FormatNumber(point.cost, 6) + " " +
         std::string(UnitOf((**mapped.table).options().measure));
}

std::string ToolReason(const RankInput& input, const Ranking& ranking, std::size_t tool) {
  return Name(input.expert_table.expert(ranking.tools[tool].expert).id) +
         " is asked first: its skill has probability " + Two(ranking.covered[tool]) +
         "; it costs nothing and declines when unsure";
}

std::string ExcludedReason(const Ranking& ranking) {
  std::vector<std::size_t> counts;
  for (const auto& excluded : ranking.excluded) {
    const auto kind = static_cast<std::size_t>(excluded.why);
    if (kind >= counts.size()) counts.resize(kind + 1);
    ++counts[kind];
  }
  std::string parts;
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0) continue;
    parts += (parts.empty() ? "" : ", ") +
             std::string(ExclusionName(static_cast<Exclusion>(kind))) + " " +
             std::to_string(counts[kind]);
  }
  return "left out: " + parts;
}

std::string Experts(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " expert" : " experts");
}

std::string NullReason(const RosterPlan& plan) {
  const std::string seats = plan.null_seats == 1
                                ? "1 seat is null: "
                                : std::to_string(plan.null_seats) + " seats are null: ";
  if (plan.generalist) {
    return (plan.null_seats > 0 ? seats : std::string("null: ")) +
           "no specialist is expected to do better than the cheapest adequate expert alone";
  }
  return seats + "they were expected to add too little";
}

// Why so many.
std::string SizeReason(const Explained& parts) {
  const RosterPlan& plan = parts.plan;
  const std::string so_many =
      Experts(plan.seats.size()) + ", together expected right with " + Two(plan.confidence);
  switch (plan.size) {
    case RosterPlan::Size::kFixed: return plan.seats.size() > 1 ? so_many : std::string();
    case RosterPlan::Size::kConfident:
      return so_many + ": enough for experts.confidence " + Two(parts.sizing.confidence);
    case RosterPlan::Size::kNoGain:
      return so_many + ": further calls are expected to add less than " + Count(parts.sizing.gain) +
             " each";
    case RosterPlan::Size::kMost:
      return so_many + ": all that there are up to experts.max " +
             std::to_string(parts.sizing.most);
    case RosterPlan::Size::kUncertain:
      return "uncertain: the lead of " + Two(plan.lead) + " is below experts.margin " +
             Two(parts.sizing.margin) + "; the first " + so_many;
    case RosterPlan::Size::kDrawn:
      return so_many + ", from " + std::to_string(parts.sizing.experts) + " draws";
  }
  return {};
}

std::string AbstainReason(const Explained& parts) {
  return "abstained: expected right with " + Two(parts.plan.confidence) +
         ", below experts.abstain " + Two(parts.sizing.abstain);
}

void ExplainSize(const Explained& parts, Decision* decision) {
  std::vector<std::string>* reasons = &decision->reasons;
  if (parts.ranking.mapped.table != nullptr) {
    reasons->push_back(MappingReason(parts.input, parts.ranking));
  }
  if (parts.plan.abstained) reasons->push_back(AbstainReason(parts));
  // The reason that was given last is what it rests on.
  if (decision->abstained()) decision->abstention.why = reasons->back();
  if (parts.plan.abstained) return;
  if (parts.plan.seats.empty()) return;
  if (std::string size = SizeReason(parts); !size.empty()) reasons->push_back(std::move(size));
  if (parts.plan.null_seats > 0 || parts.plan.generalist) {
    reasons->push_back(NullReason(parts.plan));
  }
}

std::string EmptyReason(const RankInput& input) {
  const std::string skill = TopSkill(input.demand);
  if (input.expert_table.size() == 0) {
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

void Explain(const Explained& parts, Decision* decision) {
  const auto& [input, ranking, sizing, plan, tools] = parts;
  std::vector<std::string>& reasons = decision->reasons;
  reasons.reserve(4);
  reasons.push_back(DemandReason(input.demand, *input.expert_table.snapshot));
  for (const std::string& name : ranking.unknown_experts) {
    reasons.push_back("`" + name + "` is not the name of an expert");
  }
  for (std::size_t i = 0; i < tools; ++i) reasons.push_back(ToolReason(input, ranking, i));
  if (std::string rule = RuleReason(input.policy); !rule.empty())
    reasons.push_back(std::move(rule));
  if (!ranking.models.empty()) {
    reasons.push_back(ChoiceReason(input, ranking, *decision));
    std::string together = TogetherReason(input, ranking);
    if (!together.empty()) reasons.push_back(std::move(together));
  }
  ExplainSize(parts, decision);
  if (!ranking.excluded.empty()) reasons.push_back(ExcludedReason(ranking));
  ExplainBlockers(input, ranking, decision);
  const bool none_left = decision->roster.empty() && !decision->abstained();
  if (none_left && decision->blocker.what == Exclusion::kNone)
    reasons.push_back(EmptyReason(input));
}

}  // namespace moerge
