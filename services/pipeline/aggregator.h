// How the answers of a roster become the one answer a client gets: the `aggregate` of a policy.
//
// Stateless, made once; any thread. Never fails: it gets at least one answer.
#pragma once

#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "config/base/result.h"
#include "config/entities.h"
#include "registry/ids.h"

namespace moerge {

struct ExpertAnswer {
  ExpertId expert{};
  ChatReply reply;
};

class Aggregator {
 public:
  virtual ~Aggregator() = default;
  virtual std::string_view name() const = 0;
  // REQUIRES: `answers` is not empty; in the order of the roster.
  virtual ChatReply Aggregate(std::vector<ExpertAnswer> answers) const = 0;
};

// The one a policy names. Error: kInvalid, `param` is "aggregate", the text lists what there is.
// "first": the answer of the first expert in the roster's order that gave one; no other is asked.
Result<const Aggregator*> FindAggregator(const Policy& policy);

}  // namespace moerge
