// One number for what an expert costs, and what a call of it does.
#pragma once

#include <cstdint>

#include "config/entities.h"

namespace moerge {

// USD per million tokens, input and output averaged 3 : 1.
inline double BlendedPrice(const Price& price) { return (3 * price.input + price.output) / 4; }

// USD for so many tokens.
inline double CostOf(const Price& price, std::int64_t input_tokens, std::int64_t output_tokens) {
  return (price.input * static_cast<double>(input_tokens) +
          price.output * static_cast<double>(output_tokens)) /
         1e6;
}

// What a call would cost of which the length of the answer is not known: as long as the request
// allows, or else a usual one. USD.
inline double EstimatedCost(const Price& price, std::int64_t input_tokens,
                            std::int64_t max_tokens) {
  constexpr std::int64_t kUsualAnswer = 512;
  return CostOf(price, input_tokens, max_tokens > 0 ? max_tokens : kUsualAnswer);
}

}  // namespace moerge
