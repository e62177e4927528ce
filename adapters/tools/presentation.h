// How a result is to be shown, as far as the request says: "to 30 digits", "as a fraction", "in
// hex". Pure functions.
#pragma once

#include <gmpxx.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace moerge::tools {

enum class Form { kPlain, kDecimal, kFraction, kMixed, kPercentage, kBase };

struct Presentation {
  std::optional<std::size_t> significant{};  // digits in all
  std::optional<std::size_t> places{};       // digits after the point
  std::optional<mpq_class> nearest{};        // rounded to a multiple of this
  Form form = Form::kPlain;
  int base = 10;

  [[nodiscard]] bool asked() const {
    return significant.has_value() || places.has_value() || nearest.has_value() ||
           form != Form::kPlain;
  }
};

// Removes what says how to show the result from the end of `text` and returns it. Leaves both alone
// when it is unclear.
[[nodiscard]] Presentation TakePresentation(std::string& text);

}  // namespace moerge::tools
