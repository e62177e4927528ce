// What is to leave for a model to be loaded; the plan's own.
#pragma once

#include <vector>

#include "services/calls/residency_plan.h"

namespace moerge {

struct ResidencyPlan::Plan {
  std::vector<Model*> evicted;
  Cause cause = Cause::kRoom;
};

}  // namespace moerge
