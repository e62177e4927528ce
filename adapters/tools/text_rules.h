// The sentences that ask for an operation on text, with what answers them. Pure; compiled once, on
// first use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/tools/phrase_pattern.h"
#include "adapters/tools/text_command.h"
#include "adapters/tools/tool.h"

namespace moerge::tools {

using TextArguments = std::vector<TextArgument>;

struct TextRule {
  Pattern pattern;
  bool words_allowed;  // a single unquoted word is enough
  // Nothing when the arguments do not fit, so that the next sentence is tried.
  std::optional<ToolReply> (*handler)(const TextArguments& arguments);
};

[[nodiscard]] const std::vector<TextRule>& CountingRules();
[[nodiscard]] const std::vector<TextRule>&
ShapingRules();  // case, reverse, sort, duplicates, palindromes
[[nodiscard]] const std::vector<TextRule>& EncodingRules();  // encodings and digests

// "[this|the|...] [following] [text|string|...]" as it may stand before an argument.
inline constexpr const char* kTheText =
    "[this|the|the following|following|these|my] "
    "[text|string|sentence|phrase|paragraph|passage|word|words|message|line|lines]";

}  // namespace moerge::tools
