// Which experts may be asked at all: the hard constraints of one request. Pure; one thread per
// object.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "router/decision.h"
#include "router/recruit/expert_table.h"
#include "router/router.h"

namespace moerge {

class Constraints {
 public:
  // An expert that covers less of the demand than this has no skill for the request.
  static constexpr float kMinCovered = 0.15f;

  // `health` may be null: everything is healthy and nothing measured. The arguments must outlive
  // the object.
  Constraints(const ExpertTable& expert_table, const RouteRequest& request, const Policy& policy,
              const Health* health, const Demand& demand);

  Exclusion Check(std::size_t expert, float expected, float covered) const;
  // Names in the request's pool that no expert has.
  const std::vector<std::string>& unknown_experts() const { return unknown_; }

 private:
  bool KeptFromIt(std::size_t expert) const;
  double Cost(std::size_t expert) const;  // USD, of this request
  // Compares the 90th percentile, so that the limit nearly always holds. An expert with no known
  // latency is not left out.
  bool OverLatencyLimit(std::size_t expert) const;

  const ExpertTable& expert_table_;
  const RouteRequest& request_;
  const Policy& policy_;
  const Health* health_;
  std::span<const SkillProbability> needed_;  // what the request needs above all; most often one
  std::vector<char> healthy_;                 // by backend: all its models are; empty: all are
  std::vector<char> in_pool_;                 // by expert; empty: all are
  std::vector<std::string> unknown_;
};

}  // namespace moerge
