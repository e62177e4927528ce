// ?limit= and ?after= of lists. Thread-safe, pure.
#pragma once

#include <string>

#include "config/base/result.h"
#include "services/http/exchange.h"

namespace moerge::api {

struct Page {
  int limit = 100;    // 1..1000
  std::string after;  // names up to and including this one are left out; empty: from the start
};

// Errors: kInvalid, param "limit".
Result<Page> ReadPage(const http::Request& request);
Result<int> ReadLimit(const http::Request& request, int preset);

}  // namespace moerge::api
