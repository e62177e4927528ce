// Requests as people mistype them, to see which decisions survive. Pure; deterministic for a seed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace moerge {

// Each character but line ends is hit with probability `rate`: a letter inserted before it, the
// character deleted, replaced by a letter, or swapped with the next one, equally often.
std::string WithTypos(std::string_view text, double rate, std::uint64_t seed);

// ASCII letters in upper case.
std::string UpperAscii(std::string_view text);

}  // namespace moerge
