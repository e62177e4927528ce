// What a server's list of models says, in each shape that there is. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moerge {

// The names that requests call its models by, sorted, at most `most`: of {"data": [{"id"}]},
// Ollama's
// {"models": [{"name"}]} or a bare array, as Together has it. Models of a moerge are left out.
// Empty: it is none of these.
std::vector<std::string> ModelNames(std::string_view list, std::size_t most);

}  // namespace moerge
