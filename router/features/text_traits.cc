#include "router/features/text_traits.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

#include "router/features/normaliser.h"

namespace moerge {
namespace {

constexpr std::string_view kNames[] = {"length",    "words",  "lines",      "numbers",  "digits %",
                                       "questions", "code %", "formulas %", "foreign %"};
static_assert(std::size(kNames) == kTraits);

bool IsOneOf(char32_t code, std::string_view marks) {
  return code < 0x80 && marks.find(static_cast<char>(code)) != std::string_view::npos;
}

bool IsFormulaMark(char32_t code) {
  return IsOneOf(code, "+*/^=\\$<>|") || (code >= 0x2200 && code <= 0x22FF) || code == 0xD7 ||
         code == 0xF7;
}

bool IsForeign(const FoldedChar& c) {
  if (c.kind == CharKind::kUnspaced) return true;
  return c.kind == CharKind::kLetter && c.code > 0x24F && c.code != 0xFFFD;
}

float& At(TextTraits* traits, Trait trait) { return (*traits)[static_cast<std::size_t>(trait)]; }

// Counts; shares come later.
void Count(std::span<const FoldedChar> text, TextTraits* traits) {
  using enum Trait;
  bool in_word = false;
  bool in_number = false;
  for (const FoldedChar& c : text) {
    const bool digit = c.kind == CharKind::kDigit;
    const bool word = digit || c.kind == CharKind::kLetter;
    At(traits, kWords) += (word && !in_word) || c.kind == CharKind::kUnspaced;
    At(traits, kNumbers) += digit && !in_number;
    At(traits, kDigits) += digit;
    At(traits, kQuestions) += c.code == '?' || c.code == 0xFF1F || c.code == 0x61F;
    At(traits, kCode) += IsOneOf(c.code, "{}[]();=<>_`#&|\"");
    At(traits, kFormulas) += IsFormulaMark(c.code);
    At(traits, kForeign) += IsForeign(c);
    in_word = word;
    in_number = digit;
  }
  At(traits, kLength) += static_cast<float>(text.size());
}

}  // namespace

std::string_view TraitName(Trait trait) { return kNames[static_cast<std::size_t>(trait)]; }

TextTraits ExtractTraits(const Window& window) {
  using enum Trait;
  thread_local std::vector<FoldedChar> folded;
  TextTraits traits{};
  for (const Window::Piece& piece : window.pieces()) {
    if (piece.weight != Window::kFullWeight) continue;
    Count(FoldText(piece.text, &folded), &traits);
    At(&traits, kLines) +=
        static_cast<float>(1 + std::count(piece.text.begin(), piece.text.end(), '\n'));
  }
  const float length = std::max(traits[static_cast<std::size_t>(kLength)], 1.0f);
  for (const Trait share : {kDigits, kCode, kFormulas, kForeign}) {
    At(&traits, share) *= 100 / length;
  }
  return traits;
}

}  // namespace moerge
