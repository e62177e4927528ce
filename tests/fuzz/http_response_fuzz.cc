// Any bytes, cut anywhere: the response parser does not crash and reads the same however they are
// cut. The table of responses is where inputs come from.
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "tests/fuzz/case_mutator.h"
#include "tests/support/response_cases.h"

namespace {

using moerge::test::kSettings;

// What is wrong may be found out before or at the end of the input; either way it is no answer.
std::string Outcome(const moerge::test::ReadResponseResult& read) {
  if (!read.error.empty()) return "no answer";
  return read.text + (read.keep_alive ? "|kept|" : "|closed|") + read.left;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  static const auto cases = moerge::test::AllResponseCases();
  return moerge::test::MutateCase(cases, data, size, max_size, seed);
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
