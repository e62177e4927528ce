// Durations and sizes as people write them in a configuration or on a command line. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moerge {

inline constexpr std::string_view kDurationHelp = "a duration such as 250ms, 10s, 5m, 2h or 7d";
inline constexpr std::string_view kSizeHelp = "a size such as 4096, 64KiB, 32MB or 1GiB";

// A number of at least 0 and a unit without which only 0 makes sense; empty if it is anything else
// or longer than 10,000 years.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

// In the largest unit that divides it: "90s", "2h", "0ms".
std::string FormatDuration(std::chrono::milliseconds duration);

// Bytes. B, kB, MB, GB are powers of 1000, KiB, MiB, GiB of 1024; the unit's case does not matter.
std::optional<std::uint64_t> ParseSize(std::string_view text);

// In the largest unit that divides it: "64 MiB", "3 GB", "100 bytes".
std::string FormatSize(std::uint64_t bytes);

}  // namespace moerge
