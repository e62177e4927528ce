// The command line of a bench: pairs of `--name value`. Of options given twice the last counts;
// what no one asks for is passed over. Immutable; views into argv.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/text.h"

namespace moerge {

class Arguments {
 public:
  Arguments(int argc, char** argv) {
    for (int i = 1; i + 1 < argc; i += 2) pairs_.emplace_back(argv[i], argv[i + 1]);
  }

  // All values of an option, in their order.
  std::vector<std::string> All(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [key, value] : pairs_) {
      if (key == name) values.emplace_back(value);
    }
    return values;
  }
  // Empty: not given.
  std::string Text(std::string_view name) const {
    const std::vector<std::string> values = All(name);
    return values.empty() ? "" : values.back();
  }
  // What is no number, or less, counts as `least`.
  template <std::integral T>
  void Number(std::string_view name, std::int64_t least, T* out) const {
    const std::vector<std::string> values = All(name);
    if (values.empty()) return;
    *out = static_cast<T>(std::max(least, ParseInt(values.back()).value_or(least)));
  }

 private:
  std::vector<std::pair<std::string_view, std::string_view>> pairs_;
};

}  // namespace moerge
