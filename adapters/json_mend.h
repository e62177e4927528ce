// JSON as servers write it by mistake, made JSON by the letter: what Python's reader, and with it
// OpenAI's SDK, takes without complaint. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/base/json.h"

namespace moerge {

// The text without a byte order mark; without the members whose key stands again later in the same
// object; with U+FFFD for lone surrogates and broken UTF-8; with null for NaN and Infinity, and
// -9999.0 for -Infinity, as OpenAI writes the logarithm of a probability of nought. None if that
// changes nothing or the text is no JSON beyond that: parse the result. Work and memory are
// proportional to the text.
std::optional<std::string> MendJson(std::string_view text);

// The text's document; where the text had to be mended, that of `mended`, which then holds it.
// Error: of the text as it is.
Result<json::Document> ParseMended(std::string_view text, std::string* mended);

}  // namespace moerge
