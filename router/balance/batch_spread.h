// Where the requests of one client's batch go whose policies assign them together
// (`batch.assign`): those of one policy with each other, over the experts that fit any of them.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "router/balance/assignment.h"
#include "router/decision.h"

namespace moerge {

// A request that was routed by itself.
struct RoutedAlone {
  struct Fitting {
    ExpertId expert;
    float score;
  };
  const Policy* policy = nullptr;  // null: it is not assigned
  std::uint64_t key = 0;           // a hash of its content
  std::size_t seats = 1;           // how many models are asked
  std::vector<Fitting> fitting;    // models that could be asked; at most 32 are known
};
// Fills in what a decision says. `policy` outlives it.
RoutedAlone RoutedBy(const Decision& decision, const Policy& policy, const Snapshot& snapshot,
                     std::uint64_t key);

struct SpreadRequest {
  std::vector<ExpertId> experts;  // the best for it first; empty: it stays where it is
  AssignedExperts::How how = AssignedExperts::How::kNothing;
  ExpertId own_best{};  // where it would go by itself
  std::size_t picked_by = 0;
  double lost = 0;  // score points

  bool rerouted() const;
};

// One by request. Of more than 64 experts the 64 with the highest sums of scores take part. Takes
// up to a second for 10,000 requests.
std::vector<SpreadRequest> Spread(std::span<const RoutedAlone> requests);

}  // namespace moerge
