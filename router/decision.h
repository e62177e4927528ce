// The record of one routing decision: demand, candidates, roster, and why. A value; what was done
// with it (attempts, answer, cost) is recorded with it by services/pipeline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "registry/snapshot.h"
#include "router/demand.h"

namespace moerge {

// Why a candidate was not considered.
enum class Exclusion {
  kNone,
  kDisabled,
  kUnhealthy,     // its backend's breaker is open, or its model's
  kContext,       // the request is longer than its context
  kFunctions,     // the request brings `tools`, it takes none
  kVision,        // the request brings images, it takes none
  kNoSkill,       // no evidence, no declaration and not general for what is in demand
  kMinScore,      // expected below the policy's min_score
  kNotInPool,     // the request restricts the experts
  kCostLimit,     // over the request's cost limit
  kLatencyLimit,  // over the request's latency limit
  kRetired,       // it is kept from what the request needs above all (Expert::retired_skills)
  kCapacity,      // has its most of the tenant's latest requests, as the policy bounds it
};
std::string_view ExclusionName(Exclusion exclusion);  // "disabled", "unhealthy", "context", ...

struct Candidate {
  ExpertId expert;
  float expected = 0;  // probability of a good answer, 0..1
  float low = 0;       // 90 % credible interval of it
  float high = 0;
  double price = 0;  // USD per million tokens, input and output averaged 3 : 1
  // expected - price_weight * price - latency_weight * seconds: what candidates are ordered by
  float utility = 0;
  Exclusion excluded = Exclusion::kNone;
  bool provisional = false;  // what is known of it is still a claim
};

struct Seat {
  ExpertId expert;
  // What its answer counts in a vote that sums weights by answer: evidence in nats, discounted for
  // what it has in common with the other seats (VoteWeight). 1 where it sits alone.
  float weight = 1;
};

// The single reason why no fitting expert remains; kNone: no expert fits.
struct Blocker {
  Exclusion what = Exclusion::kNone;  // kContext, kLatencyLimit, kCostLimit, kCapacity
  std::string why = {};               // in plain words
};

// Why no model is asked although there are some: the policy rather gives no answer.
struct Abstention {
  enum class What {
    kNone,            // some are asked, or none could be
    kUnlikely,        // the answer is expected to be right with too little probability
    kMappedToNobody,  // the mapping leaves the skill to nobody
    kNoMapping,       // there is no mapping within its budget
  };
  What what = What::kNone;
  std::string why = {};  // in plain words
};

struct Decision {
  std::string id;  // 32 hexadecimal digits
  WallTime time;
  std::uint64_t revision = 0;
  std::string policy;
  Demand demand;
  std::vector<Candidate> candidates;  // best first, then excluded ones; at most 32 are kept
  std::size_t considered = 0;         // how many there were
  // Asked, in this order. A tool that may be able to compute the answer comes first: it costs
  // nothing and declines when unsure. When one expert is wanted, the models stand behind it as
  // fallbacks; when several are, they follow it here.
  std::vector<Seat> roster;
  // Expected probability that the combined answer of the roster's models is right, 0..1. The
  // skills' own probability is demand.confidence.
  double confidence = 0;
  std::size_t null_seats = 0;  // seats left empty: they were expected to add too little
  bool uncertain = false;      // the lead was too small to mean anything: the top few are asked
  Abstention abstention = {};  // where the roster is empty
  Blocker blocker = {};        // where the roster is empty
  std::vector<ExpertId> fallbacks;   // asked in this order when those fail or decline
  std::vector<std::string> reasons;  // in plain words
  bool kept_session = false;         // the conversation stays with the expert that answered it last
  double classify_us = 0;            // time spent
  double recruit_us = 0;

  bool abstained() const { return abstention.what != Abstention::What::kNone; }
};

}  // namespace moerge
