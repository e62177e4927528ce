// Which trace a request belongs to: W3C Trace Context (https://www.w3.org/TR/trace-context/).
// Values and pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moerge {

struct TraceContext {
  std::string trace_id = {};  // 32 lower-case hexadecimal digits; empty: none
  std::uint64_t parent = 0;   // the client's span; 0: the trace begins here
  std::uint64_t span = 0;     // of the request in moerge
  bool sampled = false;       // its spans are sent

  bool active() const { return !trace_id.empty(); }
};

// The trace and the parent that a `traceparent` names; none if it is not one.
std::optional<TraceContext> ParseTraceParent(std::string_view header);
// The header of a call that `span` makes.
std::string TraceParentOf(const TraceContext& context, std::uint64_t span);

}  // namespace moerge
