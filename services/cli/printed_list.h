// A list that the API gives, as a command shows it.
#pragma once

#include <functional>
#include <string>

#include "config/base/json.h"
#include "services/cli/api_client.h"

namespace moerge::cli {

// Asks the server for `path` and prints the reply as it came (`as_json`), or each item of its
// `data` with `print`, a blank line between them; `none` where there is none. Returns the exit code
// of the command; what went wrong has been said.
int PrintList(const ServerAddress& server, const std::string& path, bool as_json,
              const std::function<void(json::Value)>& print, const char* none);

}  // namespace moerge::cli
