// One span of a trace, as OpenTelemetry has it. A value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "registry/types.h"

namespace moerge {

// The numbers are the protocol's.
enum class SpanKind { kInternal = 1, kServer = 2, kClient = 3 };

using AttributeValue = std::variant<std::string, std::int64_t, double, bool>;
using Attributes = std::vector<std::pair<std::string_view, AttributeValue>>;  // names live for ever

struct Span {
  std::string trace_id = {};
  std::uint64_t id = 0;
  std::uint64_t parent = 0;  // 0: none
  std::string name = {};
  SpanKind kind = SpanKind::kInternal;
  WallTime begin = {};
  WallTime end = {};
  Attributes attributes = {};
  bool failed = false;
  std::string message = {};  // why it failed
};

}  // namespace moerge
