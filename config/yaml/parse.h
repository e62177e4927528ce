// Text to tree, with everything bounded: size, depth, nodes counted with every use of an alias.
// Thread-safe; never throws.
#pragma once

#include <string_view>

#include "config/yaml/mistakes.h"
#include "config/yaml/node.h"

namespace moerge {

inline constexpr std::size_t kMaxYamlBytes = 4 << 20;
inline constexpr std::size_t kMaxYamlDepth = 32;
inline constexpr std::size_t kMaxYamlNodes = 500'000;

// The one document of `text`; null if it is empty or could not be read, which is then among the
// mistakes, as are duplicate keys, a second document and what is not UTF-8.
YamlPtr ParseYaml(std::string_view text, Mistakes* mistakes);

}  // namespace moerge
