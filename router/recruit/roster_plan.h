// How many experts are asked, which ones together, and what each one's answer counts. Pure; any
// thread.
//
// Which: in order of utility, less what each has in common with those before it (see Dependence).
// How many, by the policy's Sizing:
//   a fixed number, or
//   as many as it takes for the combined answer to be right with a given probability (top-p; Huang
//   et al. 2024, "Harder Tasks Need More Experts"), as long as further calls are expected to pay;
//   the top few when the first leads by too little for the lead to mean anything (GW-MoE, Wu et al.
//   2024); fewer where seats bring too little (null experts; AdaMoE, Zeng et al. 2024); none when
//   a right answer is too improbable.
#pragma once

#include <vector>

#include "router/recruit/sizing.h"

namespace moerge {

struct RosterPlan {
  enum class Size {
    kFixed,
    kConfident,  // the combined answer passes `experts.confidence`
    kNoGain,     // further calls are expected to add less than `experts.gain` each
    kMost,       // `experts.max`, or all there are
    kUncertain,  // the lead is below `experts.margin`
    kDrawn,      // at random, some more than once
    kAssigned,   // those that the request was assigned to with others
  };

  std::vector<Ranked> seats;   // in the order in which they are best asked
  std::vector<float> weights;  // by seat
  double confidence = 0;       // expected probability that the combined answer is right
  Size size = Size::kFixed;
  float lead = 0;              // of the first over the second candidate
  std::size_t null_seats = 0;  // seats left empty
  bool generalist = false;     // one cheap or general expert stands for all seats
  bool abstained = false;      // none is asked: `confidence` is too low
};

RosterPlan PlanRoster(const RankInput& input, const Ranking& ranking, const Sizing& sizing);

}  // namespace moerge
