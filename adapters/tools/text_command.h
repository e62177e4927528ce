// A text request as a command and its arguments: quoted text, text after a colon, or single words.
// Pure; views into the request. Failure: a command that cannot be separated from its argument has
// no tokens.
#pragma once

#include <string_view>
#include <vector>

#include "adapters/tools/phrase_pattern.h"

namespace moerge::tools {

// Tokens between white space; quoted text ("…", “…”, '…', `…`, ```…```) and what follows a colon
// are one argument token each. Empty when the command has more than 60 words or an argument's
// extent is unclear (a blank line in unquoted text).
[[nodiscard]] std::vector<Token> ReadTextCommand(std::string_view request);

// What a slot of a matched pattern holds.
struct TextArgument {
  std::string_view text;
  bool delimited = false;  // quoted or after a colon: its extent is certain
  bool after_colon = false;
};

// Nothing but one argument token, one word, or several words of digits and signs; false for words
// like "this" or "file" that stand for something not said.
[[nodiscard]] bool ReadTextArgument(const std::vector<Token>& tokens, std::string_view slot,
                                    TextArgument& out);

}  // namespace moerge::tools
