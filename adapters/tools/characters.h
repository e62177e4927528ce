// Classes of single bytes in requests to the tools. Pure; any thread.
#pragma once

namespace moerge::tools {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsSpaceByte(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace moerge::tools
