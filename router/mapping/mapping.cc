#include "router/mapping/mapping.h"

#include <algorithm>

#include "config/base/text.h"
#include "config/policy_options.h"
#include "registry/registry.h"
#include "router/profile/price.h"

namespace moerge {
namespace {

constexpr std::uint32_t kNoExpert = UINT32_MAX;

// What every expert of a snapshot counts by a measure. Nothing: it cannot be mapped.
using Costs = std::vector<std::optional<double>>;

bool MightBeMapped(const Expert& expert) {
  return expert.enabled && expert.kind == ExpertKind::kLlm;
}

std::optional<double> IfKnown(double cost) { return cost > 0 ? std::optional(cost) : std::nullopt; }

Costs CostsOf(const Snapshot& snapshot, CostMeasure measure, std::span<const float> latency_ms) {
  Costs costs(snapshot.experts.size());
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const Expert& expert = snapshot.experts[i].spec;
    if (!MightBeMapped(expert)) continue;
    switch (measure) {
      case CostMeasure::kPrice: costs[i] = BlendedPrice(expert.price); break;
      case CostMeasure::kSize: costs[i] = IfKnown(expert.active_params); break;
      case CostMeasure::kLatency:
        costs[i] = latency_ms.empty() ? std::nullopt : IfKnown(latency_ms[i]);
        break;
    }
  }
  return costs;
}

// The experts that could be asked for a skill, and none where there are none or it is allowed.
std::vector<BudgetOption> Choices(const Competence& competence, SkillId skill, const Costs& costs,
                                  const MappingOptions& options) {
  std::vector<BudgetOption> choices;
  for (std::uint32_t i = 0; i < costs.size(); ++i) {
    if (!costs[i]) continue;
    const Posterior posterior = competence.At(i, skill);
    const bool asked = !competence.snapshot()->experts[i].Retired(skill);
    if (posterior.known && asked) choices.push_back({i, *costs[i], posterior.mean});
  }
  if (choices.empty() || options.none) choices.push_back({kNoExpert, 0, 0});
  return choices;
}

std::string_view WhatIsNeeded(CostMeasure measure) {
  switch (measure) {
    case CostMeasure::kSize:
      return "a mapping by size needs experts with `active_params`; none has it";
    case CostMeasure::kLatency:
      return "a mapping by latency needs experts that were measured or declare `latency_ms`; none "
             "is: declare it, or let experts answer requests by name or under another policy first";
    case CostMeasure::kPrice: break;
  }
  return "a mapping needs an enabled expert; there is none";
}

Status AnyMappable(const Costs& costs, CostMeasure measure) {
  if (std::any_of(costs.begin(), costs.end(), [](const auto& cost) { return cost.has_value(); })) {
    return Ok{};
  }
  return Error{.code = ErrorCode::kInvalid,
               .message = std::string(WhatIsNeeded(measure)),
               .param = "options.mapping.measure"};
}

Error TooLittle(const MappingOptions& options, double least) {
  return Error{
      .code = ErrorCode::kInvalid,
      .message = "mapping.budget " + FormatNumber(options.budget, 6) + " is below " +
                 FormatNumber(least, 6) + " " + std::string(UnitOf(options.measure)) +
                 ", what the cheapest expert of every skill costs on average; raise it, or "
                 "set mapping.none to leave skills without an expert",
      .param = "options.mapping.budget"};
}

std::vector<std::uint32_t> UnknownOf(const Snapshot& snapshot, const Costs& costs) {
  std::vector<std::uint32_t> unknown;
  for (std::uint32_t i = 0; i < costs.size(); ++i) {
    if (!costs[i] && MightBeMapped(snapshot.experts[i].spec)) unknown.push_back(i);
  }
  return unknown;
}

}  // namespace

double FrequencyOf(const Snapshot& snapshot, SkillId skill) {
  double most = 1;
  for (const ExpertEntry& expert : snapshot.experts) {
    if (const SkillRecord* record = RecordOf(expert, skill)) {
      most = std::max(most, static_cast<double>(record->trials));
    }
  }
  return most;
}

std::string_view CostMeasureName(CostMeasure measure) {
  switch (measure) {
    case CostMeasure::kPrice: return "price";
    case CostMeasure::kSize: return "size";
    case CostMeasure::kLatency: return "latency";
  }
  return "price";
}

std::string_view UnitOf(CostMeasure measure) {
  switch (measure) {
    case CostMeasure::kPrice: return "USD per million tokens";
    case CostMeasure::kSize: return "billion active parameters";
    case CostMeasure::kLatency: return "ms";
  }
  return "USD per million tokens";
}

MappingOptions MappingOptionsOf(const Policy& policy) {
  return {.measure = policy.options->mapping_measure,
          .budget = policy.options->mapping_budget,
          .none = policy.options->mapping_none};
}

Result<Mapping> Mapping::Solve(const Competence& competence, const MappingOptions& options,
                               std::span<const float> latency_ms) {
  const Snapshot& snapshot = *competence.snapshot();
  const Costs costs = CostsOf(snapshot, options.measure, latency_ms);
  if (Status any = AnyMappable(costs, options.measure); !any) return std::move(any).error();
  std::vector<SkillId> skills;
  for (const SkillEntry& skill : snapshot.skills) skills.push_back(skill.id);
  if (skills.empty()) skills.push_back(InternSkill(kGeneralSkill));
  std::vector<BudgetGroup> groups;
  double total = 0;
  for (const SkillId skill : skills) {
    groups.push_back({FrequencyOf(snapshot, skill), Choices(competence, skill, costs, options)});
    total += groups.back().frequency;
  }
  for (BudgetGroup& group : groups) group.frequency /= total;
  Mapping mapping(options, BudgetCurve(groups));
  const std::optional<std::size_t> point = mapping.curve_.Within(options.budget);
  if (!point) return TooLittle(options, mapping.curve_.points().front().cost);
  mapping.point_ = *point;
  mapping.unknown_ = UnknownOf(snapshot, costs);
  mapping.costs_ = costs;
  const std::vector<std::uint32_t> picks = mapping.curve_.Picks(*point);
  mapping.curve_.Forget();
  for (std::size_t i = 0; i < skills.size(); ++i) {
    Row row{skills[i], groups[i].frequency, std::nullopt, 0, 0};
    for (const BudgetOption& choice : groups[i].options) {
      if (choice.id != picks[i] || choice.id == kNoExpert) continue;
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
