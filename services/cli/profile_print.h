// What the API says about profiles, for people. Not thread-safe: standard output.
#pragma once

#include <string>

#include "config/base/json.h"

namespace moerge::cli {

// The report of an import; gives the exit code.
int PrintImportReport(const std::string& report, bool as_json);
// One profile: a line per skill and source.
int PrintProfile(const std::string& profile, bool as_json);
// A page of profiles: a line per expert.
int PrintProfiles(const std::string& page, bool as_json);

}  // namespace moerge::cli
