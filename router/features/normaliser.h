// Text as the code points that features are made of: case folded, digits all '0', white space one
// blank. Pure; any thread.
#pragma once

#include <cstdint>
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

// Appends the folded text between blanks. Invalid bytes become U+FFFD, a symbol.
void FoldText(std::string_view text, std::vector<FoldedChar>* out);

}  // namespace moerge
