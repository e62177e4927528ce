// Where a policy stands among methods that recycle and route expert models: the design choices of
// Yadav et al. 2024, "A Survey on Model MoErging: Recycling and Routing Among Specialized Experts
// for Collaborative Learning". Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "config/entities.h"

namespace moerge {

struct MoergingAxes {
  // Expert design.
  std::string_view expert_training = "standard";  // experts are used as they are
  std::string_view expert_data = "private";       // never seen by the router's builder
  // Routing design.
  std::string_view routing_dataset;    // "none", "expert", "general", "target"
  std::string_view input_granularity;  // "task", "example"
  std::string_view depth_granularity = "model";
  std::string_view expert_selection;    // "sparse", "dense"
  std::string_view expert_aggregation;  // "none", "output"
  // Application.
  std::string_view generalization;  // "in-distribution", "out-of-distribution"
  std::string_view user_dataset;    // "zero-shot", "few-shot"
  std::string_view needs;           // in words: what must be there before it can be used
};

MoergingAxes AxesOf(const Policy& policy);
// Of what the leaderboard compares with, by name.
MoergingAxes AxesOfBaseline(std::string_view name);

// Field names and values, in the order of the struct.
std::array<std::pair<std::string_view, std::string_view>, 10> Listed(const MoergingAxes& axes);

}  // namespace moerge
