#include "router/mapping/mapping.h"

#include <algorithm>

#include "config/base/text.h"
#include "registry/registry.h"
#include "router/policy_options.h"
#include "router/profile/price.h"

namespace moerge {
namespace {

constexpr std::uint32_t kNobody = UINT32_MAX;

std::string_view UnitOf(CostMeasure measure) {
  return measure == CostMeasure::kPrice ? "USD per million tokens" : "billion active parameters";
}

double CostOf(const Expert& expert, CostMeasure measure) {
  return measure == CostMeasure::kPrice ? BlendedPrice(expert.price) : expert.active_params;
}

bool MayBeMapped(const Expert& expert, CostMeasure measure) {
  if (!expert.enabled || expert.kind != ExpertKind::kLlm) return false;
  return measure != CostMeasure::kSize || expert.active_params > 0;
}

double TrialsOf(const Snapshot& snapshot, SkillId skill) {
  double most = 1;
  for (const ExpertEntry& expert : snapshot.experts) {
    if (const SkillRecord* record = RecordOf(expert, skill)) {
      most = std::max(most, static_cast<double>(record->trials));
    }
  }
  return most;
}

// Who could be asked for a skill; nobody, if no one else can or it is allowed.
std::vector<BudgetOption> Choices(const Competence& competence, SkillId skill,
                                  const MappingOptions& options) {
  std::vector<BudgetOption> choices;
  const std::vector<ExpertEntry>& experts = competence.snapshot()->experts;
  for (std::uint32_t i = 0; i < experts.size(); ++i) {
    if (!MayBeMapped(experts[i].spec, options.measure)) continue;
    const Posterior posterior = competence.At(i, skill);
    if (posterior.known) {
      choices.push_back({i, CostOf(experts[i].spec, options.measure), posterior.mean});
    }
  }
  if (choices.empty() || options.none) choices.push_back({kNobody, 0, 0});
  return choices;
}

Status AnyMappable(const Snapshot& snapshot, CostMeasure measure) {
  for (const ExpertEntry& expert : snapshot.experts) {
    if (MayBeMapped(expert.spec, measure)) return Ok{};
  }
  const bool size = measure == CostMeasure::kSize;
  return Error{.code = ErrorCode::kInvalid,
               .message = size ? "a mapping by size needs experts with `active_params`; none has it"
                               : "a mapping needs an enabled expert; there is none",
               .param = "options.mapping.measure"};
}

Error TooLittle(const MappingOptions& options, double least) {
  return Error{
      .code = ErrorCode::kInvalid,
      .message = "mapping.budget " + FormatNumber(options.budget, 4) + " is below " +
                 FormatNumber(least, 4) + " " + std::string(UnitOf(options.measure)) +
                 ", what the cheapest expert of every skill costs on average; raise it, or "
                 "set mapping.none to leave skills to nobody",
      .param = "options.mapping.budget"};
}

}  // namespace

MappingOptions MappingOptionsOf(const Policy& policy) {
  MappingOptions options;
  options.budget = NumberOption(policy, "mapping.budget");
  options.none = FlagOption(policy, "mapping.none");
  if (TextOption(policy, "mapping.measure") == "size") options.measure = CostMeasure::kSize;
  return options;
}

Result<Mapping> Mapping::Solve(const Competence& competence, const MappingOptions& options) {
  const Snapshot& snapshot = *competence.snapshot();
  if (Status any = AnyMappable(snapshot, options.measure); !any) return std::move(any).error();
  std::vector<SkillId> skills;
  for (const SkillEntry& skill : snapshot.skills) skills.push_back(skill.id);
  if (skills.empty()) skills.push_back(InternSkill(kGeneralSkill));
  std::vector<BudgetGroup> groups;
  double total = 0;
  for (const SkillId skill : skills) {
    groups.push_back({TrialsOf(snapshot, skill), Choices(competence, skill, options)});
    total += groups.back().frequency;
  }
  for (BudgetGroup& group : groups) group.frequency /= total;
  Mapping mapping(options, BudgetCurve(groups));
  const std::optional<std::size_t> point = mapping.curve_.Within(options.budget);
  if (!point) return TooLittle(options, mapping.curve_.points().front().cost);
  mapping.point_ = *point;
  const std::vector<std::uint32_t> picks = mapping.curve_.Picks(*point);
  mapping.curve_.Forget();
  for (std::size_t i = 0; i < skills.size(); ++i) {
    Row row{skills[i], groups[i].frequency, std::nullopt, 0, 0};
    for (const BudgetOption& choice : groups[i].options) {
      if (choice.id != picks[i] || choice.id == kNobody) continue;
      row.expert = choice.id;
      row.expected = choice.value;
      row.cost = choice.cost;
    }
    mapping.rows_.push_back(row);
  }
  return mapping;
}

const Mapping::Row* Mapping::Find(SkillId skill) const {
  const auto at =
      std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.skill == skill; });
  return at == rows_.end() ? nullptr : &*at;
}

}  // namespace moerge
