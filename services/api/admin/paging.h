// ?limit=, ?after= and filters of lists. Thread-safe, pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/base/result.h"
#include "registry/types.h"
#include "services/http/exchange.h"

namespace moerge::api {

struct Page {
  int limit = 100;    // 1..1000
  std::string after;  // names up to and including this one are left out; empty: from the start
};

// Errors: kInvalid, param "limit".
Result<Page> ReadPage(const http::Request& request);
Result<int> ReadLimit(const http::Request& request, int preset);

// A filter of a list: a text that must be equal, or a time; left alone where it is not given.
void TakeTextFilter(const http::Request& request, std::string_view name,
                    std::optional<std::string>* out);
// Errors: kInvalid, param `name`.
Status TakeTimeFilter(const http::Request& request, std::string_view name,
                      std::optional<WallTime>* out);

}  // namespace moerge::api
