// Inputs of a fuzz target that come out of a table of cases: some bytes of settings, then those of
// a case, mutated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace moerge::test {

inline constexpr std::size_t kSettings = 2;  // bytes

// What LLVMFuzzerCustomMutator returns. `cases`: with the member `bytes` each; not empty.
template <class Cases>
std::size_t MutateCase(const Cases& cases, std::uint8_t* data, std::size_t size,
                       std::size_t max_size, unsigned seed) {
  if (seed % 64 == 0 && max_size > kSettings) {
    const std::string& bytes = cases[seed / 64 % cases.size()].bytes;
    const std::size_t taken = std::min(bytes.size(), max_size - kSettings);
    std::memcpy(data + kSettings, bytes.data(), taken);
    data[0] = static_cast<std::uint8_t>(seed >> 8);
    data[1] = static_cast<std::uint8_t>(seed >> 16);
    size = kSettings + taken;
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

}  // namespace moerge::test
