// What the tests of the tools share: a fixed clock, the data files, asking a tool by name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/tools/tool.h"

namespace moerge::tools {

// Sunday, 22 November 2026, 13:05 UTC.
inline constexpr ToolClock kClock = {.year = 2026,
                                     .month = 11,
                                     .day = 22,
                                     .hour = 13,
                                     .minute = 5,
                                     .second = 0,
                                     .utc_offset_minutes = 0};

// The built-in tools, made once.
const std::vector<std::unique_ptr<Tool>>& AllTools();
const Tool& NamedTool(std::string_view name);

// The answer's text, or "declined: " and the reason.
std::string Ask(std::string_view tool, std::string_view request);
// What the first tool that answers says, with its name in front; "declined" when none does.
std::string AskAll(std::string_view request);

// Rows of a tab-separated file in tests/data; "\n" in a cell stands for a line break.
std::vector<std::vector<std::string>> ReadTable(const std::string& name);

}  // namespace moerge::tools
