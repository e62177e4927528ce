// Ids whose order is that of their time, so that an index over them grows at its end: 48 bits of
// milliseconds since 1970 and 80 random ones, as 32 hexadecimal digits. Any thread.
#pragma once

#include <chrono>
#include <string>

namespace moerge {

std::string OrderedId(std::chrono::system_clock::time_point time);

}  // namespace moerge
