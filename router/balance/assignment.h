// Which expert gets which of many requests that are routed together, so that none gets more than
// its part. Two ways:
//   by the experts' choice: each takes the requests that it is best for, as many as it may; one
//   that none takes goes to the best with room, and one that several take may be asked of all of
//   them (Expert Choice Routing, Zhou et al., arXiv:2202.09368); balanced: the highest sum of
//   scores that there is under the capacities (BASE layers, Lewis et al., arXiv:2103.16716), as a
//   minimum-cost flow by successive shortest paths over the experts.
// The result depends on what is asked, not on where it stands: requests alike but for their place
// may change places.
//
// All requests are of one client's batch, so that no client's requests change another's route.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moerge {

struct ScoredExpert {
  std::uint32_t expert = 0;  // an index, below the number of experts
  float score = 0;           // score points
};

struct AssignableRequest {
  std::uint64_t key = 0;              // a hash of its content: decides between equals
  std::size_t seats = 1;              // how many experts it is to be asked of, at least 1
  std::vector<ScoredExpert> fitting;  // each once; empty: nothing is assigned
};

struct AssignedExperts {
  enum class How {
    kAssigned,  // by its experts' choice, or balanced
    kRoom,      // none chose it: to the best with room
    kOver,      // no expert that fits has room: to the best, above its capacity
    kNothing,   // nothing fits
  };
  std::vector<std::uint32_t> experts;  // the best for it first
  How how = How::kNothing;
  std::size_t picked_by = 0;  // how many experts chose it
  double lost = 0;            // score points against as many experts of its own choice
};

// How much experts may take; by expert.
struct Capacities {
  std::vector<std::size_t> most;
  std::size_t one_more = 0;  // so many of them may take one more
};
// `parts`: what each expert's part is against the others', not negative; `seats`: of all requests
// together; `factor`: times its part, at least 1. With 1 they are as even as there are seats:
// experts with equal parts differ by one at most.
Capacities CapacitiesOf(std::span<const double> parts, std::size_t seats, double factor);

std::vector<AssignedExperts> AssignByExpertChoice(std::span<const AssignableRequest> requests,
                                                  const Capacities& capacities);
// 10,000 requests to 32 experts take less than a second: tests/bench/batch/assignment.cc.
std::vector<AssignedExperts> AssignBalanced(std::span<const AssignableRequest> requests,
                                            const Capacities& capacities);

}  // namespace moerge
