// Exact arithmetic in natural language: whole numbers, fractions, decimals, percentages, powers,
// roots, common functions. Threads: stateless. Failure: declines (see tool.h).
#pragma once

#include "adapters/tools/tool.h"

namespace moerge::tools {

class ArithmeticTool final : public Tool {
 public:
  [[nodiscard]] std::string_view Name() const override;
  [[nodiscard]] std::string_view Description() const override;
  [[nodiscard]] ToolReply Answer(std::string_view request, const ToolClock& clock) const override;
};

}  // namespace moerge::tools
