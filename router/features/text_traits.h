// A request's form in a few plain numbers that a person can check: how long it is, how many
// numbers, questions, code and formula marks it has, which scripts. Case makes no difference. Read
// from the last user turn as far as the window reaches. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "router/features/window.h"

namespace moerge {

enum class Trait : std::size_t {
  kLength,  // characters, runs of white space counting as one
  kWords,   // runs of letters and digits
  kLines,
  kNumbers,    // runs of digits
  kDigits,     // per cent of characters
  kQuestions,  // question marks
  kCode,       // per cent of characters: marks that code is full of
  kFormulas,   // per cent of characters: marks of arithmetic and of formulas
  kForeign,    // per cent of characters: letters of other scripts than Latin
};
inline constexpr std::size_t kTraits = static_cast<std::size_t>(Trait::kForeign) + 1;
using TextTraits = std::array<float, kTraits>;

// "length", "words", "digits %", ...
std::string_view TraitName(Trait trait);

TextTraits ExtractTraits(const Window& window);

}  // namespace moerge
