#include "config/base/json_scan.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "config/base/utf8.h"

namespace moerge::json {
namespace {

constexpr std::uint64_t kLows = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

bool IsSpecial(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// The high bit of every byte that is zero. Bytes above a zero byte may be marked wrongly, the
// lowest mark never is (Hacker's Delight, 6-1).
std::uint64_t Zeros(std::uint64_t word) { return (word - kLows) & ~word & kHighs; }

// As above for bytes below 0x20.
std::uint64_t Controls(std::uint64_t word) { return (word - kLows * 0x20) & ~word & kHighs; }

std::uint64_t Specials(std::uint64_t word) {
  return Zeros(word ^ kLows * '"') | Zeros(word ^ kLows * '\\') | Controls(word);
}

bool ParseHex4(std::string_view digits, std::uint32_t* unit) {
  if (digits.size() < 4) return false;
  *unit = 0;
  for (const char c : digits.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    *unit = *unit << 4 | static_cast<std::uint32_t>(digit);
  }
  return true;
}

bool IsHighSurrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLowSurrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// `escape` begins with \u.
const char* DecodeUnicode(std::string_view escape, std::size_t* length, std::string* decoded) {
  std::uint32_t unit = 0;
  if (!ParseHex4(escape.substr(2), &unit)) return "\\u needs four hexadecimal digits";
  *length = 6;
  if (IsLowSurrogate(unit)) return "a lone low surrogate";
  if (IsHighSurrogate(unit)) {
    std::uint32_t low = 0;
    const bool pair = escape.substr(6, 2) == "\\u" && ParseHex4(escape.substr(8), &low);
    if (!pair || !IsLowSurrogate(low)) return "a lone high surrogate";
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    *length = 12;
  }
  utf8::Append(unit, decoded);
  return nullptr;
}

}  // namespace

std::size_t FindSpecial(std::string_view text, std::size_t from) {
  const char* const data = text.data();
  const std::size_t size = text.size();
  if constexpr (std::endian::native == std::endian::little) {
    for (; from + 8 <= size; from += 8) {
      std::uint64_t word;
      std::memcpy(&word, data + from, 8);
      const std::uint64_t marks = Specials(word);
      if (marks != 0) return from + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
    }
  }
  while (from < size && !IsSpecial(data[from])) ++from;
  return from;
}

const char* DecodeEscape(std::string_view text, std::size_t* at, std::string* decoded) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const std::string_view escape = text.substr(*at);
  if (escape.size() < 2) return "the text ends inside a string";
  std::size_t length = 2;
  if (escape[1] == 'u') {
    if (const char* wrong = DecodeUnicode(escape, &length, decoded)) return wrong;
  } else {
    const std::size_t which = kLetters.find(escape[1]);
    if (which == kLetters.npos) return "an unknown escape in a string";
    decoded->push_back(kMeanings[which]);
  }
  *at += length;
  return nullptr;
}

}  // namespace moerge::json
