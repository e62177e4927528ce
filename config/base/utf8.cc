#include "config/base/utf8.h"

#include <utf8proc.h>

#include <cstring>

namespace moerge::utf8 {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Length of the valid sequence at `p`, which has `left` bytes; 0 if there is none.
std::size_t SequenceLength(const unsigned char* p, std::size_t left) {
  const unsigned char lead = p[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (left < length) return 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;   // overlong
  if (lead == 0xED) high = 0x9F;  // surrogates
  if (lead == 0xF0) low = 0x90;   // overlong
  if (lead == 0xF4) high = 0x8F;  // over U+10FFFF
  if (p[1] < low || p[1] > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((p[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

std::size_t AsciiPrefix(const unsigned char* p, std::size_t size) {
  std::size_t i = 0;
  for (; i + 32 <= size; i += 32) {
    std::uint64_t words[4];
    std::memcpy(words, p + i, 32);
    if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080ULL) != 0) break;
  }
  while (i < size && p[i] < 0x80) ++i;
  return i;
}

}  // namespace

std::size_t ValidPrefix(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t i = 0;
  while (i < text.size()) {
    i += AsciiPrefix(p + i, text.size() - i);
    if (i == text.size()) break;
    const std::size_t length = SequenceLength(p + i, text.size() - i);
    if (length == 0) break;
    i += length;
  }
  return i;
}

std::string Repair(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t valid = ValidPrefix(text.substr(at));
    out.append(text, at, valid);
    at += valid;
    if (at == text.size()) break;
    Append(kReplacement, &out);
    ++at;
  }
  return out;
}

char32_t Next(std::string_view text, std::size_t* at) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data()) + *at;
  const std::size_t length = SequenceLength(p, text.size() - *at);
  *at += length == 0 ? 1 : length;
  switch (length) {
    case 1: return p[0];
    case 2: return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    case 3: return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    case 4:
      return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    default: return kReplacement;
  }
}

void Append(char32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | c >> 6));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | c >> 12));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | c >> 18));
    out->push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

char32_t Lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

std::string Lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) Append(Lower(Next(text, &at)), &out);
  return out;
}

std::string_view Truncate(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t cut = bytes;
  const auto inside = [&] { return (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80; };
  while (cut > 0 && bytes - cut < 3 && inside()) --cut;
  return text.substr(0, inside() ? bytes : cut);
}

}  // namespace moerge::utf8
