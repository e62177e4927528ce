// What would have changed on recorded traffic, as JSON; and which traffic, from JSON. Thread-safe,
// pure.
#pragma once

#include "config/base/json.h"
#include "config/base/result.h"
#include "registry/decision_log.h"
#include "services/compare/impact.h"

namespace moerge::api {

// The newest decisions that match.
struct Traffic {
  static constexpr int kMost = 10'000;

  DecisionFilter filter;  // but for its page
  int limit = 1'000;      // looked at, 1..kMost
};

// {"since"?, "until"?, "policy"?, "expert"?, "skill"?, "client"?, "limit"?}; absent: all. Errors:
// kInvalid with `param` "traffic...".
Result<Traffic> ReadTraffic(json::Value value);

// How far the looking came.
struct Reach {
  std::int64_t looked_at = 0;
  bool complete = true;  // false: the request's time was over first
  std::string oldest = {};
  std::string newest = {};
};
// Members of an object.
void WriteImpact(const Impact& impact, const Reach& reach, json::Writer& writer);

}  // namespace moerge::api
