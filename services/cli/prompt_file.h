// Files of prompts that commands read, and lines that they write. Blocking.
#pragma once

#include <string>
#include <vector>

#include "config/base/result.h"

namespace moerge::cli {

struct Prompt {
  std::string id;
  std::string text;
};

// Rows {"id", "prompt"}, other fields aside (.gz); "-" is standard input. Bad rows are reported
// on standard error and skipped. Errors: those of LineReader; with `strict` the first bad row, as
// "FILE: line 7: ...".
Result<std::vector<Prompt>> ReadPrompts(const std::string& file, bool strict);

// To a file, whole or not at all; "-" is standard output.
Status WriteLines(const std::string& file, const std::string& lines);

}  // namespace moerge::cli
