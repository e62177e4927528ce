#include "adapters/anthropic_rules.h"

#include <algorithm>

namespace moerge::anthropic {

bool IsToolId(std::string_view id) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !id.empty() && id.find_first_not_of(kLetters) == id.npos;
}

bool IsToolName(std::string_view name) { return IsToolId(name) && name.size() <= kMaxName; }

bool IsImageType(std::string_view media_type) {
  return std::ranges::find(kImageTypes, media_type) != std::end(kImageTypes);
}

}  // namespace moerge::anthropic
