// The experts of a snapshot as the recruiter looks at them: their fixed properties side by side,
// and their competence. Immutable; any thread may read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "router/mapping/mappings.h"
#include "router/profile/competence.h"
#include "router/profile/price.h"

namespace moerge {

struct Traits {
  float price = 0;  // blended
  std::int32_t context = 0;
  std::int32_t backend = -1;  // index into ExpertTable::backends; -1: none (tools)
  bool enabled = true;
  bool tool = false;
  bool vision = false;
  bool functions = true;
  bool retires = false;  // it has retired skills
};

struct ExpertTable {
  // `latency_ms`: the typical one by expert, 0 where unknown; empty: what experts declare.
  explicit ExpertTable(SnapshotPtr from, std::vector<float> latency_ms = {});

  const ExpertEntry& expert(std::size_t index) const { return snapshot->experts[index]; }
  std::size_t size() const { return traits.size(); }

  SnapshotPtr snapshot;
  Competence competence;
  std::vector<float> latency_ms;  // by expert, in the snapshot's order, as `traits`
  Mappings mappings;
  std::vector<Traits> traits;         // by expert, in the snapshot's order: ascending by name
  std::vector<std::string> backends;  // their names
};

}  // namespace moerge
