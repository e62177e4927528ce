// Dates and calendars: differences, weekdays, business days, leap years, ISO weeks, Easter, ages,
// fixed UTC offsets. Threads: stateless; the current date comes with the call. Failure: declines
// (see tool.h).
#pragma once

#include "adapters/tools/tool.h"

namespace moerge::tools {

class DatesTool final : public Tool {
 public:
  [[nodiscard]] std::string_view Name() const override;
  [[nodiscard]] std::string_view Description() const override;
  [[nodiscard]] ToolReply Answer(std::string_view request, const ToolClock& clock) const override;
};

}  // namespace moerge::tools
