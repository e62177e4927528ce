// Hashes. Thread-safe, pure; the results are stable over versions and machines, since models and
// stored rows depend on them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace moerge {

// Fast, good distribution, not against adversaries.
std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed = 0);

// Lower-case hexadecimal SHA-256.
std::string Sha256Hex(std::string_view bytes);

}  // namespace moerge
