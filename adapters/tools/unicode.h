// Unicode as the text operations need it: code points, grapheme clusters, letter case. Built on
// utf8proc. Pure functions. REQUIRES: valid UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::tools {

[[nodiscard]] std::vector<std::int32_t> CodePoints(std::string_view text);
[[nodiscard]] std::string EncodeUtf8(const std::vector<std::int32_t>& code_points);
// User-perceived characters (extended grapheme clusters) as views into `text`.
[[nodiscard]] std::vector<std::string_view> Graphemes(std::string_view text);
[[nodiscard]] bool IsLetter(std::int32_t code_point);
[[nodiscard]] bool IsDecimalDigit(std::int32_t code_point);
[[nodiscard]] bool IsSpace(std::int32_t code_point);
[[nodiscard]] std::string ToUpper(std::string_view text);
[[nodiscard]] std::string ToLower(std::string_view text);
// The text with case differences removed and composed (NFC), for comparing.
[[nodiscard]] std::string FoldCase(std::string_view text);

}  // namespace moerge::tools
