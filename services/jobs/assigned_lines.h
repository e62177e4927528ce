// How the requests of a batch were spread over experts, summed up. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "config/base/json.h"
#include "router/balance/batch_spread.h"

namespace moerge {

struct AssignedLines {
  std::int64_t requests = 0;
  std::int64_t rerouted = 0;       // not to the expert that is best for them
  std::int64_t found_room = 0;     // no expert chose them
  std::int64_t over_capacity = 0;  // no expert that fits had room
  double lost = 0;                 // score points in all
  // By the number of experts that chose them; empty: they were not assigned by the experts' choice.
  std::vector<std::int64_t> picked_by;

  void Add(const SpreadRequest& request, BatchAssign by);
};
// null where none were assigned.
void WriteAssigned(const AssignedLines& lines, json::Writer& writer);
AssignedLines ReadAssigned(json::Value value);

}  // namespace moerge
