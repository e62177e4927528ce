// One number for what an expert costs.
#pragma once

#include "config/entities.h"

namespace moerge {

// USD per million tokens, input and output averaged 3 : 1.
inline double BlendedPrice(const Price& price) { return (3 * price.input + price.output) / 4; }

}  // namespace moerge
