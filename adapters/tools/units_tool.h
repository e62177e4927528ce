// Converts units of measurement: "5 ft 11 in to cm", "how many ounces are in a pound", "72 °F in
// celsius". Threads: stateless. Failure: declines (see tool.h).
#pragma once

#include "adapters/tools/tool.h"

namespace moerge::tools {

class UnitsTool final : public Tool {
 public:
  [[nodiscard]] std::string_view Name() const override;
  [[nodiscard]] std::string_view Description() const override;
  [[nodiscard]] ToolReply Answer(std::string_view request, const ToolClock& clock) const override;
};

}  // namespace moerge::tools
