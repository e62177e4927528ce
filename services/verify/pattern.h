// A regular expression of a stranger, compiled within bounds: at most 4 KiB of text and 4000
// instructions, and no more memory than RE2 is given. RE2 takes time linear in the text whatever
// the expression. Thread-safe, pure.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge {

// Error: kInvalid with `param`; its message begins with `place`.
Result<std::unique_ptr<RE2>> CompilePattern(std::string_view pattern, const std::string& place,
                                            const std::string& param);

}  // namespace moerge
