// Functions whose results are mostly irrational: exact where the result is rational, else rounded
// to the precision given. Pure. Fails outside a function's domain and where the argument would make
// the computation unreasonably long.
#pragma once

#include <mpfr.h>

#include <string_view>

#include "adapters/tools/evaluator.h"
#include "config/base/result.h"

namespace moerge::tools {

// sqrt, cbrt, exp, ln, log, log10, log2, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh.
// `real` is `value` at the working precision.
[[nodiscard]] Result<Value> RealFunction(std::string_view name, const Value& value,
                                         const Real& real);

// The real root of this degree. REQUIRES: degree >= 1.
[[nodiscard]] Result<Value> Root(const Value& value, const Real& real, unsigned long degree);

// Wraps a computed real; fails when it is not a finite number.
[[nodiscard]] Result<Value> RealValue(Real real);

}  // namespace moerge::tools
