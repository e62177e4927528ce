// The prompt that asks an expert to repair an answer that failed a check. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace moerge {

// Stands before the answer, which is quoted behind it.
std::string RepairInstructions(std::string_view why);

}  // namespace moerge
