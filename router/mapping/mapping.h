// A table that names one expert for each skill, chosen so that the expected score is highest while
// a request costs no more than a budget on average: Composition of Experts (Jain et al. 2024),
// whose measure is the mean number of active parameters. Solved for every budget at once; the
// classifier has no part in it and stays as it is. Immutable; any thread may read.
//
// How often a skill is in demand is taken from the evidence: the most trials that any expert has in
// it, at least 1. An expert's expected score at it is its profile's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "config/entities.h"
#include "config/policy_options.h"
#include "router/mapping/budget_curve.h"
#include "router/profile/competence.h"

namespace moerge {

std::string_view CostMeasureName(CostMeasure measure);  // "price", "size", "latency"
std::string_view UnitOf(CostMeasure measure);           // "ms", ...

// How often a skill is in demand, against the others: the most trials that any expert has in it, at
// least 1.
double FrequencyOf(const Snapshot& snapshot, SkillId skill);

struct MappingOptions {
  CostMeasure measure = CostMeasure::kPrice;
  double budget = 0;  // of a request, on average
  bool none = false;  // skills may be left without an expert
};
MappingOptions MappingOptionsOf(const Policy& policy);

class Mapping {
 public:
  struct Row {
    SkillId skill;
    double frequency = 0;                 // share of the requests
    std::optional<std::uint32_t> expert;  // index into the snapshot; nothing: none is asked
    double expected = 0;
    double cost = 0;
  };

  // Errors (kInvalid): no expert that can be mapped; a budget below what the cheapest choice costs,
  // which is named.
  // `latency_ms`: by expert, 0 where unknown; empty: all are.
  static Result<Mapping> Solve(const Competence& competence, const MappingOptions& options,
                               std::span<const float> latency_ms = {});

  const MappingOptions& options() const { return options_; }
  const std::vector<Row>& rows() const { return rows_; }  // by skill, in the snapshot's order
  // Experts that might be mapped if what the measure asks for were known of them.
  const std::vector<std::uint32_t>& unknown() const { return unknown_; }
  const Row* Find(SkillId skill) const;
  // Whether one request of this expert stays within the budget: for requests that no row is of.
  bool Affords(std::uint32_t expert) const {
    return costs_[expert].has_value() && *costs_[expert] <= options_.budget;
  }
  const BudgetCurve& curve() const { return curve_; }
  const BudgetPoint& point() const { return curve_.points()[point_]; }  // the one in force

 private:
  Mapping(const MappingOptions& options, BudgetCurve curve)
      : options_(options), curve_(std::move(curve)) {}

  MappingOptions options_;
  BudgetCurve curve_;
  std::size_t point_ = 0;
  std::vector<Row> rows_;
  std::vector<std::uint32_t> unknown_;
  std::vector<std::optional<double>> costs_;  // by expert; nothing: it cannot be mapped
};

}  // namespace moerge
