// Text as the code points that features are made of: case folded, digits all '0', white space one
// blank. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace moerge {

enum class CharKind : std::uint8_t {
  kBlank,
  kLetter,
  kDigit,
  kSymbol,
  kUnspaced,  // of a script that is written without spaces between words
};

struct FoldedChar {
  char32_t code;
  CharKind kind;
};

CharKind KindOf(char32_t code);

// The folded text between blanks. Invalid bytes become U+FFFD, a symbol. It stands in `room`, which
// is made larger where needed.
std::span<const FoldedChar> FoldText(std::string_view text, std::vector<FoldedChar>* room);

}  // namespace moerge
