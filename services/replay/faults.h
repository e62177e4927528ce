// Which fault, if any, a replayed request suffers. Pure: the same seed and request number give the
// same fault, so a test that fails can be repeated.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace moerge {

enum class Fault {
  kNone,
  kError,      // an HTTP error with an OpenAI error body
  kRefuse,     // the connection is reset before a byte of reply
  kCut,        // the connection ends in the middle of the reply
  kStall,      // half of the reply, then silence
  kMalformed,  // bytes that are not what the protocol says
};

// Probabilities 0..1; their sum may not exceed 1.
struct FaultRates {
  double error = 0;
  double refuse = 0;
  double cut = 0;
  double stall = 0;
  double malformed = 0;
};

Fault PickFault(const FaultRates& rates, std::uint64_t seed, std::uint64_t request);

// One of several kinds of nonsense, by number: HTML, half a JSON, a huge header, an endless line,
// ... Sent unframed.
std::string_view MalformedReply(std::uint64_t which);

}  // namespace moerge
