// Random numbers that are passed as a parameter, so that decisions are repeatable: SplitMix64
// (Steele, Lea, Flood 2014). Not for keys; those come from RandomToken().
#pragma once

#include <cstdint>
#include <string>

namespace moerge {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // Uniform in [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  // Uniform in [0, n). REQUIRES: n > 0.
  std::uint64_t Below(std::uint64_t n) { return Next() % n; }

 private:
  std::uint64_t state_;
};

// 128 bits from the operating system as 32 hexadecimal digits: request ids, decision ids.
// Fast (a per-thread generator seeded by the system); ids are unguessable enough to name things,
// not to protect them.
std::string RandomId();

// 256 bits straight from the operating system as 64 hexadecimal digits: keys.
std::string RandomToken();

}  // namespace moerge
