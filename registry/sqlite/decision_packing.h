// Decisions as they are kept: JSON whose keys are a byte or two. A decision is kept for every
// request, and what that costs is its bytes, which are written three times (the page, the log, the
// checkpoint): README.md has the figures.
//
// JSON has no control characters but white space, and moerge writes none of that, so a control
// character can stand for a piece of text. Thread-safe, pure.
#pragma once

#include <string>
#include <string_view>

namespace moerge::sqlite {

// Sets `*out` to `json` with codes in place of what it often says. A text with control characters
// is kept as it is.
void PackJson(std::string_view json, std::string* out);

// The JSON that `packed` stands for; JSON itself stands for itself.
std::string UnpackJson(std::string_view packed);

}  // namespace moerge::sqlite
