// What a policy says about how many experts are asked: its `experts.*` options, read once per
// decision. A value.
#pragma once

#include <algorithm>
#include <cstddef>

#include "config/entities.h"
#include "router/recruit/ranking.h"

namespace moerge {

struct Sizing {
  std::size_t experts = 1;     // how many, unless `most` says that the number follows the request
  std::size_t most = 0;        // `experts.max`; 0: the number is fixed
  double confidence = 1;       // `experts.confidence`: no more than it takes to expect this
  double gain = 0;             // `experts.gain`: a further call must be expected to add this
  double margin = 0;           // `experts.margin`: a lead that is smaller is none
  std::size_t broadcast = 0;   // `experts.broadcast`: how many are asked then
  bool null = false;           // `experts.null`: seats that bring too little stay empty
  double tolerance = 0;        // `experts.tolerance`: too little
  double abstain = 0;          // `experts.abstain`: below it none is asked
  double caution = 0;          // `experts.caution`, for a single seat and no price weight
  double complementarity = 0;  // `experts.complementarity`: score that full dependence costs

  // The most seats that there can be.
  std::size_t reach() const { return std::max({experts, most, margin > 0 ? broadcast : 0}); }
};

Sizing SizingOf(const Policy& policy, Rule rule);

}  // namespace moerge
