// Exact operations on text: counting, sorting, case, reversing, encodings, digests.
// Threads: stateless. Failure: declines (see tool.h), above all when it is unclear where the text
// begins and ends.
#pragma once

#include "adapters/tools/tool.h"

namespace moerge::tools {

class TextTool final : public Tool {
 public:
  [[nodiscard]] std::string_view Name() const override;
  [[nodiscard]] std::string_view Description() const override;
  [[nodiscard]] ToolReply Answer(std::string_view request, const ToolClock& clock) const override;
};

}  // namespace moerge::tools
