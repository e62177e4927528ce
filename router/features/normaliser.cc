#include "router/features/normaliser.h"

#include <array>

#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr FoldedChar FoldAscii(unsigned char c) {
  if (c >= 'a' && c <= 'z') return {c, CharKind::kLetter};
  if (c >= 'A' && c <= 'Z') return {static_cast<char32_t>(c + 32), CharKind::kLetter};
  if (c >= '0' && c <= '9') return {'0', CharKind::kDigit};
  if (c <= ' ' || c == 0x7F) return {' ', CharKind::kBlank};
  return {c, CharKind::kSymbol};
}

constexpr std::array<FoldedChar, 128> kAscii = [] {
  std::array<FoldedChar, 128> table{};
  for (int c = 0; c < 128; ++c) table[c] = FoldAscii(static_cast<unsigned char>(c));
  return table;
}();

struct Range {
  char32_t first;
  char32_t last;
  CharKind kind;
};

// Ascending; what is in none of them is a letter.
constexpr Range kRanges[] = {
    {0x80, 0x9F, CharKind::kBlank},          {0xA0, 0xA0, CharKind::kBlank},
    {0xA1, 0xA9, CharKind::kSymbol},         {0xAB, 0xB4, CharKind::kSymbol},
    {0xB6, 0xB9, CharKind::kSymbol},         {0xBB, 0xBF, CharKind::kSymbol},
    {0xD7, 0xD7, CharKind::kSymbol},         {0xF7, 0xF7, CharKind::kSymbol},
    {0x660, 0x669, CharKind::kDigit},        {0x6F0, 0x6F9, CharKind::kDigit},
    {0x966, 0x96F, CharKind::kDigit},        {0xE00, 0xEFF, CharKind::kUnspaced},
    {0x1000, 0x109F, CharKind::kUnspaced},   {0x1780, 0x17FF, CharKind::kUnspaced},
    {0x2000, 0x200B, CharKind::kBlank},      {0x200C, 0x2027, CharKind::kSymbol},
    {0x2028, 0x202F, CharKind::kBlank},      {0x2030, 0x205E, CharKind::kSymbol},
    {0x205F, 0x205F, CharKind::kBlank},      {0x2190, 0x2BFF, CharKind::kSymbol},
    {0x2E80, 0x2FFF, CharKind::kUnspaced},   {0x3000, 0x3000, CharKind::kBlank},
    {0x3001, 0x3004, CharKind::kSymbol},     {0x3005, 0x3007, CharKind::kUnspaced},
    {0x3008, 0x3020, CharKind::kSymbol},     {0x3021, 0x9FFF, CharKind::kUnspaced},
    {0xAC00, 0xD7AF, CharKind::kUnspaced},   {0xF900, 0xFAFF, CharKind::kUnspaced},
    {0xFE30, 0xFE6F, CharKind::kSymbol},     {0xFEFF, 0xFEFF, CharKind::kBlank},
    {0xFF01, 0xFF0F, CharKind::kSymbol},     {0xFF10, 0xFF19, CharKind::kDigit},
    {0xFF1A, 0xFF20, CharKind::kSymbol},     {0xFF3B, 0xFF40, CharKind::kSymbol},
    {0xFF5B, 0xFF65, CharKind::kSymbol},     {0xFF66, 0xFF9F, CharKind::kUnspaced},
    {0xFFF0, 0xFFFF, CharKind::kSymbol},     {0x1F000, 0x1FAFF, CharKind::kSymbol},
    {0x20000, 0x3FFFF, CharKind::kUnspaced},
};

CharKind KindBeyondAscii(char32_t code) {
  for (const Range& range : kRanges) {
    if (code < range.first) break;
    if (code <= range.last) return range.kind;
  }
  return CharKind::kLetter;
}

FoldedChar FoldCode(char32_t code) {
  if (code < 0x80) return kAscii[code];
  const CharKind kind = KindBeyondAscii(code);
  if (kind == CharKind::kBlank) return {' ', kind};
  if (kind == CharKind::kDigit) return {'0', kind};
  return {kind == CharKind::kLetter ? utf8::Lower(code) : code, kind};
}

}  // namespace

CharKind KindOf(char32_t code) { return FoldCode(code).kind; }

std::span<const FoldedChar> FoldText(std::string_view text, std::vector<FoldedChar>* room) {
  if (room->size() < text.size() + 2) room->resize(text.size() + 2);
  FoldedChar* last = room->data();
  *last = {' ', CharKind::kBlank};
  CharKind before = CharKind::kBlank;  // of *last, which takes longer to read back
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    FoldedChar folded;
    if (byte < 0x80) {
      folded = kAscii[byte];
      ++at;
    } else {
      std::size_t next = at;  // not `at` itself, which would have to live in memory then
      folded = FoldCode(utf8::Next(text, &next));
      at = next;
    }
    // A blank that follows another is written over it.
    last += !(folded.kind == CharKind::kBlank && before == CharKind::kBlank);
    *last = folded;
    before = folded.kind;
  }
  if (before != CharKind::kBlank) *++last = {' ', CharKind::kBlank};
  return {room->data(), last + 1};
}

}  // namespace moerge
