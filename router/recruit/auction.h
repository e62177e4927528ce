// Experts bid for a request: each says how likely it is to answer well, and what counts is how far
// that lies above what it usually says, so that one that is always confident wins nothing by it.
// After Autonomy-of-Experts (Lv et al. 2025), where experts rank themselves by how strongly they
// react to the input and the losers stop; here over black-box experts that rate themselves.
// Pure; BidStatistics is a value, its owner locks.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "registry/snapshot.h"
#include "router/decision.h"
#include "router/signals.h"

namespace moerge {

// Running mean and variance of one expert's bids, 0..100, shrunk toward a usual bidder's.
class BidStatistics {
 public:
  void Add(double bid);
  // Standard deviations above its mean, from -kMaxZ to kMaxZ.
  double Z(double bid) const;
  int count() const { return count_; }

  static constexpr double kMaxZ = 3;

 private:
  // The distant past counts less and less: what is kept weighs at most so many bids.
  static constexpr double kMemory = 500;

  int count_ = 0;
  double weight_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // weighted sum of squared distances from the mean
};

// What is expected of an expert after its bid: on the scale of log-odds, `weight` for each standard
// deviation. `expected` and the result in 0..1.
float WithBid(float expected, double z, double weight);

struct Contender {
  float expected = 0;       // before the bid
  float offset = 0;         // of its utility: what its price takes away
  std::optional<double> z;  // of its bid; none: it has not bid yet
  double highest_z = 0;     // that it can still reach
};
// Whether no contender that has not bid can still come among the first `places`.
bool Settled(std::span<const Contender> contenders, std::size_t places, double weight);

// The policy that selects the bidders: the same without bids.
Policy WithoutBids(Policy policy);
// The bidders by a decision of that policy: the best `auction.candidates` models.
std::vector<Candidate> Invited(const Decision& preview, const Snapshot& snapshot,
                               const Policy& policy);

// The number from 0 to 100 that an answer begins with or holds; hidden reasoning is left out.
std::optional<double> ParseBid(std::string_view answer);

// Moves the expectation of each expert that has bid. `expected` by index of the snapshot's experts.
void ApplyBids(const std::vector<Bid>& bids, const Snapshot& snapshot, double weight,
               std::vector<float>* expected);

}  // namespace moerge
