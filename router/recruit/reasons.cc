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
#include "router/signals.h"

namespace moerge {
namespace {

// What reasons are put together from; a string for each part would cost more than the text.
struct Two {  // two decimals
  explicit Two(double v) : value(v) {}
  double value;
};
struct Count {  // four digits that matter
  explicit Count(double v) : value(v) {}
  double value;
};

void AppendPart(std::string_view text, std::string* out) { out->append(text); }
void AppendPart(SkillId id, std::string* out) { out->append(NameOf(id)); }
void AppendPart(ExpertId id, std::string* out) { out->append(NameOf(id)); }
void AppendPart(const Count& count, std::string* out) { out->append(FormatNumber(count.value, 4)); }

// Reasons are written for every request, and printf takes several times as long.
void AppendPart(const Two& number, std::string* out) {
  char text[64];
  const double value = number.value;
  const double hundredths = std::abs(value) * 100 + 0.5;
  if (!(hundredths < 1e9)) {
    const auto fixed = std::chars_format::fixed;
    out->append(text, std::to_chars(text, text + sizeof text, value, fixed, 2).ptr);
    return;
  }
  const auto left = static_cast<std::uint32_t>(hundredths);
  char* end = text;
  if (value < 0) *end++ = '-';
  end = std::to_chars(end, text + sizeof text, left / 100).ptr;
  *end++ = '.';
  *end++ = static_cast<char>('0' + left / 10 % 10);
  *end++ = static_cast<char>('0' + left % 10);
  out->append(text, end);
}

template <class... Parts>
void Say(std::string* out, const Parts&... parts) {
  (AppendPart(parts, out), ...);
}

constexpr std::size_t kUsualReason = 192;  // bytes that most have room in

template <class... Parts>
std::string Said(const Parts&... parts) {
  std::string out;
  out.reserve(kUsualReason);
  Say(&out, parts...);
  return out;
}

ExpertId IdOf(const RankInput& input, std::uint32_t expert) {
  return input.expert_table.expert(expert).id;
}

std::string_view TopSkill(const Demand& demand) {
  if (demand.skills.empty()) return "general";
  return NameOf(demand.skills.front().skill);
}

// "; mathematics 0.86 in all" where related skills share what none has alone.
void SayCategory(const Demand& demand, const Snapshot& snapshot, std::string* out) {
  constexpr float kMore = 0.05f;
  const float first = demand.skills.front().probability;
  if (first > 1 - kMore) return;  // as most are: others cannot add so much
  const std::vector<CategoryProbability> categories = ByCategory(demand, snapshot);
  if (categories.empty() || categories[0].probability < first + kMore) return;
  Say(out, "; ", categories[0].category, " ", Two(categories[0].probability), " in all");
}

void SayDemand(const Demand& demand, std::string* out) {
  constexpr std::size_t kNamed = 3;
  for (std::size_t i = 0; i < std::min(kNamed, demand.skills.size()); ++i) {
    const SkillProbability& part = demand.skills[i];
    if (i > 0 && part.probability < 0.05f) break;
    Say(out, i == 0 ? "" : ", ", part.skill, " ", Two(part.probability));
  }
}

std::string DemandReason(const Demand& demand, const Snapshot& snapshot) {
  if (demand.skills.empty()) return "no skills are known: experts are compared by overall strength";
  if (demand.confidence == 0) {
    return "the text does not tell which skill it needs: experts are compared by overall strength";
  }
  std::string reason = Said("demand: ");
  SayDemand(demand, &reason);
  SayCategory(demand, snapshot, &reason);
  Say(&reason, " (", demand.classifier, ")");
  return reason;
}

// What the expectation of one expert for one skill rests on.
void SayEvidence(const ExpertEntry& expert, SkillId skill, std::string* out) {
  if (const SkillRecord* record = RecordOf(expert, skill)) {
    return Say(out, Count(record->wins), " of ", Count(record->trials), " right in ", skill,
               ProvenanceInWords(expert, skill));
  }
  if (const float* declared = DeclaredOf(expert, skill)) {
    return Say(out, "declared ", Two(*declared), " for ", skill);
  }
  const auto general = expert.spec.skills.find(std::string(kGeneralSkill));
  if (general != expert.spec.skills.end()) {
    return Say(out, "declared ", Two(general->second), " in general");
  }
  Say(out, "its overall strength");
}

// ", 0.62 after price and 1.3 s of waiting" where the policy weighs those.
void SayCharges(const RankInput& input, const Ranked& best, const Candidate& candidate,
                std::string* out) {
  const bool costs = input.policy.price_weight > 0 && candidate.price > 0;
  const KnownLatency latency = input.policy.latency_weight > 0
                                   ? LatencyOf(input.expert_table.expert(best.expert), input.health)
                                   : KnownLatency{};
  const bool slow = latency.typical_ms > 0;
  if (!costs && !slow) return;
  Say(out, ", ", Two(candidate.utility), " after ");
  if (costs) Say(out, slow ? "price and " : "price");
  if (slow) Say(out, Count(latency.typical_ms / 1000), " s of waiting");
}

// By how much it leads, or why it comes first although another leads.
void SayLead(const RankInput& input, const Ranking& ranking, std::string* out) {
  if (ranking.kept) {
    Say(out, ", the strongest overall: the lead of ", IdOf(input, ranking.kept->leader), ", ",
        Two(ranking.kept->lead), ", is no more than the ", Two(ranking.kept->needed),
        " that experts.caution asks for");
  } else if (ranking.models.size() > 1) {
    const Ranked& next = ranking.models[1];
    Say(out, ", ", Two(ranking.models.front().utility - next.utility), " above ",
        IdOf(input, next.expert));
  }
}

std::string ChoiceReason(const RankInput& input, const Ranking& ranking, const Decision& decision) {
  const Ranked& best = ranking.models.front();
  const ExpertEntry& expert = input.expert_table.expert(best.expert);
  const Candidate* candidate = nullptr;
  for (const Candidate& each : decision.candidates) {
    if (each.expert == expert.id) candidate = &each;
  }
  std::string reason = Said(expert.id);
  if (candidate != nullptr) {
    Say(&reason, ": expected ", Two(candidate->expected), " (", Two(candidate->low), "-",
        Two(candidate->high), ")");
    SayCharges(input, best, *candidate, &reason);
  }
  SayLead(input, ranking, &reason);
  if (!ranking.demand.empty()) {
    Say(&reason, "; ");
    SayEvidence(expert, ranking.demand.front().skill, &reason);
  }
  if (IsProvisional(expert)) {
    Say(&reason, "; provisional: ", Count(MeasuredTrials(expert)), " of ",
        Count(kProvisionalTrials), " trials measured");
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
    Say(&factors, factors.empty() ? "" : ", ", part.skill, " ", Two(alone.mean));
  }
  return Said(IdOf(input, first), " is right in all of them at once with ", Two(product),
              " if they are independent (", factors, ")");
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
  if (mapped.refused()) return Said("recruiter mapping: ", mapped.table->error().message);
  if (mapped.row == nullptr) {
    return "recruiter mapping: no skill that it knows was recognised; the highest expected within "
           "the budget is asked";
  }
  const SkillId skill = mapped.row->skill;
  if (mapped.no_expert()) return Said("recruiter mapping: leaves ", skill, " without an expert");
  const std::uint32_t expert = *mapped.row->expert;
  std::string reason = Said("recruiter mapping: ", skill, " -> ", IdOf(input, expert));
  if (ranking.models.empty() || ranking.models[0].expert != expert) {
    Say(&reason, ", which is left out; the highest expected within the budget is asked");
    return reason;
  }
  const BudgetPoint& point = (**mapped.table).point();
  Say(&reason, "; over all skills expected ", Two(point.value), " at a mean cost of ",
      FormatNumber(point.cost, 6), " ", UnitOf((**mapped.table).options().measure));
  return reason;
}

std::string ToolReason(const RankInput& input, const Ranking& ranking, std::size_t tool) {
  return Said(IdOf(input, ranking.tools[tool].expert),
              " is asked first: its skill has probability ", Two(ranking.covered[tool]),
              "; it costs nothing and declines when unsure");
}

std::string ExcludedReason(const Ranking& ranking) {
  std::vector<std::size_t> counts;
  for (const auto& excluded : ranking.excluded) {
    const auto kind = static_cast<std::size_t>(excluded.why);
    if (kind >= counts.size()) counts.resize(kind + 1);
    ++counts[kind];
  }
  std::string reason = Said("left out: ");
  const char* before = "";
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0) continue;
    Say(&reason, before, ExclusionName(static_cast<Exclusion>(kind)), " ",
        std::to_string(counts[kind]));
    before = ", ";
  }
  return reason;
}

std::string Experts(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " expert" : " experts");
}

std::string NullReason(const RosterPlan& plan) {
  const std::string seats = plan.null_seats == 1
                                ? "1 seat is null: "
                                : Said(std::to_string(plan.null_seats), " seats are null: ");
  if (plan.generalist) {
    return Said(plan.null_seats > 0 ? std::string_view(seats) : "null: ",
                "no specialist is expected to do better than the cheapest adequate expert alone");
  }
  return Said(seats, "they were expected to add too little");
}

// Why so many.
std::string SizeReason(const Explained& parts) {
  const RosterPlan& plan = parts.plan;
  const Sizing& sizing = parts.sizing;
  if (plan.size == RosterPlan::Size::kFixed && plan.seats.size() <= 1) return {};
  const std::string so_many =
      Said(Experts(plan.seats.size()), ", together expected right with ", Two(plan.confidence));
  switch (plan.size) {
    case RosterPlan::Size::kFixed: return so_many;
    case RosterPlan::Size::kConfident:
      return Said(so_many, ": enough for experts.confidence ", Two(sizing.confidence));
    case RosterPlan::Size::kNoGain:
      return Said(so_many, ": further calls are expected to add less than ", Count(sizing.gain),
                  " each");
    case RosterPlan::Size::kMost:
      return Said(so_many, ": all that there are up to experts.max ", std::to_string(sizing.most));
    case RosterPlan::Size::kUncertain:
      return Said("uncertain: the lead of ", Two(plan.lead), " is below experts.margin ",
                  Two(sizing.margin), "; the first ", so_many);
    case RosterPlan::Size::kDrawn:
      return Said(so_many, ", from ", std::to_string(sizing.experts), " draws");
    case RosterPlan::Size::kAssigned: return plan.seats.size() > 1 ? so_many : std::string();
  }
  return {};
}

// "balanced with the other requests of its batch (batch.assign), in place of ada: 0.03 less".
std::string AssignedReason(const Explained& parts) {
  const AssignmentSignal& assignment = *parts.input.request.signals->assignment;
  std::string reason = "assigned with the other requests of its batch (batch.assign: ";
  Say(&reason, AssignmentName(assignment.by), ")");
  if (assignment.how == AssignedExperts::How::kRoom) {
    Say(&reason, ", to the best with room, as no expert chose it");
  } else if (assignment.how == AssignedExperts::How::kOver) {
    Say(&reason, ", above capacity, as no expert that fits has room");
  } else if (assignment.by == BatchAssign::kExpertChoice) {
    Say(&reason, ", chosen by ", Experts(static_cast<std::size_t>(assignment.picked_by)));
  }
  if (!assignment.instead_of.empty()) {
    Say(&reason, "; rerouted from ", assignment.instead_of, ", ", Two(assignment.lost),
        " score points less");
  }
  return reason;
}

std::string AbstainReason(const Explained& parts) {
  return Said("abstained: expected right with ", Two(parts.plan.confidence),
              ", below experts.abstain ", Two(parts.sizing.abstain));
}

void ExplainSize(const Explained& parts, Decision* decision) {
  std::vector<std::string>* reasons = &decision->reasons;
  if (parts.ranking.mapped.table != nullptr) {
    reasons->push_back(MappingReason(parts.input, parts.ranking));
  }
  if (parts.ranking.assigned > 0) reasons->push_back(AssignedReason(parts));
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
  const std::string_view skill = TopSkill(input.demand);
  if (input.expert_table.size() == 0) {
    return "no expert is registered: add one with `moerge experts add`, or under `experts` in the "
           "configuration file";
  }
  return Said("no expert fits a request that needs ", skill, ": add one that declares `", skill,
              "` or `general` under `skills` (`moerge experts add`, or `experts` in the "
              "configuration file), or enable one that is left out");
}

}  // namespace

std::string DemandInWords(const Demand& demand) {
  std::string words;
  words.reserve(96);
  SayDemand(demand, &words);
  return words;
}

void Explain(const Explained& parts, Decision* decision) {
  const auto& [input, ranking, sizing, plan, tools] = parts;
  std::vector<std::string>& reasons = decision->reasons;
  reasons.reserve(4);
  reasons.push_back(DemandReason(input.demand, *input.expert_table.snapshot));
  for (const std::string& name : ranking.unknown_experts) {
    reasons.push_back(Said("`", name, "` is not the name of an expert"));
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
