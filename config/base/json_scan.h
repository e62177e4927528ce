// What readers and writers of JSON share about strings: for json.h, and for what looks at texts
// without a document. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace moerge::json {

// Where the first quote, backslash or control character stands at or behind `from`; text.size() if
// nowhere. Eight bytes a step: message texts are nearly all of a request.
std::size_t FindSpecial(std::string_view text, std::size_t from);

// Decodes the escape whose backslash is at `*at`, appends it and steps behind it. Gives null, or
// what is wrong; `*at` is unchanged then.
const char* DecodeEscape(std::string_view text, std::size_t* at, std::string* decoded);

}  // namespace moerge::json
