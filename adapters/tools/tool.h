// Symbolic tool experts: answer a request by computing, without a model.
//
// What:    a Tool reads one request in natural language and either answers it exactly or declines
// with a reason. Owner:   whoever calls BuiltInTools(); tools hold no state that outlives or
// depends on a request. Threads: every method may be called from any number of threads at once.
// Failure: none is thrown or logged. A request that is not understood completely is declined: a
// wrong answer is
//          worse than none, because the next expert is asked after a decline. Time and memory are
//          bounded on any input, including a megabyte of it, invalid UTF-8 and NUL bytes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/tools/tool_clock.h"

namespace moerge {

struct ToolAnswer {
  std::string text;     // the reply shown to the user; a rounded value is marked with "≈"
  std::string working;  // how it was obtained, in one short line: "12 * 3 = 36"
};

struct ToolReply {
  std::optional<ToolAnswer> answer;
  std::string reason;  // without an answer: why the tool declined; empty otherwise
};

class Tool {
 public:
  virtual ~Tool() = default;

  // Unique among the built-in tools and stable between versions.
  [[nodiscard]] virtual std::string_view Name() const = 0;
  // One sentence for listings.
  [[nodiscard]] virtual std::string_view Description() const = 0;
  // Pure: the same request and clock give the same reply.
  [[nodiscard]] virtual ToolReply Answer(std::string_view request,
                                         const ToolClock& clock) const = 0;
};

// The tools that ship, in the order in which they are best asked: arithmetic, units, dates,
// text-operations.
[[nodiscard]] std::vector<std::unique_ptr<Tool>> BuiltInTools();

}  // namespace moerge
