// Keys of what is remembered about texts: 128 bits over several parts, so that nothing of the texts
// themselves is kept. Not against adversaries; where an outsider must not find collisions, a part
// is random. Pure; any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "config/base/hash.h"

namespace moerge {

struct CacheKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const CacheKey&) const = default;
};

struct CacheKeyHash {
  std::size_t operator()(const CacheKey& key) const { return key.low; }
};

// Stable over versions and machines. Lengths count too, so that no part can pass for two.
inline CacheKey CacheKeyOf(std::initializer_list<std::string_view> parts, std::uint64_t salt = 0) {
  const auto half = [&](std::uint64_t seed) {
    for (const std::string_view part : parts) {
      seed = Hash64(part, seed ^ (part.size() * 0x9E37'79B9'7F4A'7C15ull));
    }
    return seed;
  };
  return {half(salt + 1), half(salt + 2)};
}

}  // namespace moerge
