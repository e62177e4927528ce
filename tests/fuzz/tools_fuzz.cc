// Any bytes as a request to each built-in tool: no crash, no sanitizer report, an answer or a
// reason but not both.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/tools/tool.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto tools = moerge::BuiltInTools();
  const moerge::ToolClock clock{.year = 2026, .month = 11, .day = 22};
  const std::string_view request(reinterpret_cast<const char*>(data), size);
  for (const auto& tool : tools) {
    const moerge::ToolReply reply = tool->Answer(request, clock);
    if (reply.answer.has_value() != reply.reason.empty()) std::abort();
    if (reply.answer && reply.answer->text.empty()) std::abort();
  }
  return 0;
}
