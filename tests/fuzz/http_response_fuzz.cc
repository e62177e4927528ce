// Any bytes, cut anywhere: the response parser does not crash and reads the same however they are
// cut. The table of responses is where inputs come from.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "tests/support/response_cases.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

constexpr std::size_t kSettings = 2;  // bytes that are not the response's

// What is wrong may be found out before or at the end of the input; either way it is no answer.
std::string Outcome(const moerge::test::ReadResponseResult& read) {
  if (!read.error.empty()) return "no answer";
  return read.text + (read.keep_alive ? "|kept|" : "|closed|") + read.left;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  static const auto cases = moerge::test::AllResponseCases();
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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kSettings) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + kSettings, size - kSettings);
  std::minstd_rand random(data[0] + 1U);
  const std::size_t longest = 1 + data[1] % 64;
  const bool head_request = data[1] >= 192;
  const auto any_size = [&] { return 1 + random() % longest; };
  const auto all = [&] { return bytes.size(); };
  const std::string whole = Outcome(moerge::test::ReadResponse(bytes, all, head_request));
  const std::string pieces = Outcome(moerge::test::ReadResponse(bytes, any_size, head_request));
  if (whole != pieces) std::abort();
  return 0;
}
