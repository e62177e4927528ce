// The parts of an absolute http or https URL. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/base/result.h"

namespace moerge {

// Views into the text it was parsed from.
struct Url {
  bool secure = false;         // https
  std::string_view authority;  // as written: host[:port], for the Host header
  std::string_view host;       // an IPv6 literal without its brackets
  std::uint16_t port = 80;
  std::string_view target;  // path and query, as sent; empty means "/"
};

// Errors: kInvalid, for anything but http and https, user information, an empty host, a bad port,
// or characters that do not belong into a request line.
Result<Url> ParseUrl(std::string_view text);

}  // namespace moerge
