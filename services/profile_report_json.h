// What an import taught, as the API and the command line give it. Thread-safe, pure.
#pragma once

#include <string>

#include "registry/profile_import.h"
#include "registry/table_parser.h"

namespace moerge {

// {"source", "rows", "bad", "warnings": [], "skills": [...], "new_skills", "known_experts",
// "unknown_experts"}
std::string ProfileReportJson(const ProfileReport& report, const TableReport& table);

}  // namespace moerge
