// What several commands print: a field of the server's reply, shares, warnings. Any thread.
#pragma once

#include <string>

#include "config/base/json.h"

namespace moerge::cli {

// A JSON string decoded; empty for anything else.
std::string TextOf(json::Value value);
// A share of 0..1 in percent with one decimal, without the sign: "12.5".
std::string Percent(double share);
// Says it on standard error.
void Warn(const std::string& message);

}  // namespace moerge::cli
