// Any bytes, cut anywhere: the request parser does not crash and reads the same however they are
// cut. The framing table is where inputs come from.
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "tests/fuzz/case_mutator.h"
#include "tests/support/framing_cases.h"

namespace {

using moerge::test::kSettings;
constexpr std::size_t kLimits[] = {32 << 10, 1024, 64, 20};

// Which of two faults is found first may depend on the cuts; that there is one may not.
std::string Outcome(std::string read) {
  return read.starts_with("200 ") || read == "more" ? read : "refused";
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  static const auto cases = moerge::test::AllFramingCases();
  return moerge::test::MutateCase(cases, data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kSettings) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + kSettings, size - kSettings);
  std::minstd_rand random(data[0] + 1U);
  const std::size_t longest = 1 + data[1] % 64;
  const std::size_t max_head = kLimits[data[1] / 64];
  const auto any_size = [&] { return 1 + random() % longest; };
  const auto all = [&] { return bytes.size(); };
  const std::string whole = Outcome(moerge::test::ReadRequest(bytes, all, max_head));
  const std::string pieces = Outcome(moerge::test::ReadRequest(bytes, any_size, max_head));
  if (whole != pieces) std::abort();
  return 0;
}
