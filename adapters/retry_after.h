// The Retry-After header (RFC 9110, 10.2.3). Pure, thread-safe.
#pragma once

#include <chrono>
#include <string_view>

namespace moerge {

// Seconds, or an HTTP date of any of the three forms, as a time from `now`; 0 if there is no
// advice, at most a day.
std::chrono::seconds ParseRetryAfter(std::string_view text,
                                     std::chrono::system_clock::time_point now);

}  // namespace moerge
