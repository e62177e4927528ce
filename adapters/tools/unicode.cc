#include "adapters/tools/unicode.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace moerge::tools {
namespace {

const utf8proc_uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// The code point at the front and how many bytes it takes; a length below 1 marks invalid bytes.
utf8proc_ssize_t Next(std::string_view text, utf8proc_int32_t& code_point) {
  return utf8proc_iterate(Bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &code_point);
}

std::string MapCodePoints(std::string_view text, utf8proc_int32_t (*map)(utf8proc_int32_t)) {
  std::vector<std::int32_t> points = CodePoints(text);
  for (std::int32_t& point : points) point = map(point);
  return EncodeUtf8(points);
}

}  // namespace

std::vector<std::int32_t> CodePoints(std::string_view text) {
  std::vector<std::int32_t> points;
  while (!text.empty()) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t length = Next(text, code_point);
    if (length < 1) break;
    points.push_back(code_point);
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return points;
}

std::string EncodeUtf8(const std::vector<std::int32_t>& code_points) {
  std::string text;
  text.reserve(code_points.size());
  for (const std::int32_t point : code_points) {
    utf8proc_uint8_t buffer[4];
    const utf8proc_ssize_t length = utf8proc_encode_char(point, buffer);
    text.append(reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(length));
  }
  return text;
}

std::vector<std::string_view> Graphemes(std::string_view text) {
  std::vector<std::string_view> clusters;
  utf8proc_int32_t previous = 0;
  utf8proc_int32_t state = 0;
  std::size_t begin = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t length = Next(text.substr(at), code_point);
    if (length < 1) break;
    if (at > 0 && utf8proc_grapheme_break_stateful(previous, code_point, &state)) {
      clusters.push_back(text.substr(begin, at - begin));
      begin = at;
    }
    previous = code_point;
    at += static_cast<std::size_t>(length);
  }
  if (begin < text.size()) clusters.push_back(text.substr(begin));
  return clusters;
}

bool IsLetter(std::int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return true;
    default: return false;
  }
}

bool IsDecimalDigit(std::int32_t code_point) {
  return utf8proc_category(code_point) == UTF8PROC_CATEGORY_ND;
}

bool IsSpace(std::int32_t code_point) {
  const bool ascii = code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
  return ascii || code_point == 0x85 || utf8proc_category(code_point) == UTF8PROC_CATEGORY_ZS ||
         code_point == 0x2028 || code_point == 0x2029;
}

std::string ToUpper(std::string_view text) { return MapCodePoints(text, &utf8proc_toupper); }

std::string ToLower(std::string_view text) { return MapCodePoints(text, &utf8proc_tolower); }

std::string FoldCase(std::string_view text) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE | UTF8PROC_CASEFOLD);
  const utf8proc_ssize_t length =
      utf8proc_map(Bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (length < 0) return std::string(text);
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
}

}  // namespace moerge::tools
