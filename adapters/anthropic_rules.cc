#include "adapters/anthropic_rules.h"

#include <algorithm>

namespace moerge::anthropic {

bool IsToolId(std::string_view id) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !id.empty() && id.find_first_not_of(kLetters) == id.npos;
}

std::string AsToolName(std::string_view name) {
  if (name.empty()) return "unnamed";
  std::string ours(name.substr(0, kMaxName));
  for (char& c : ours) {
    if (!IsToolId(std::string_view(&c, 1))) c = '_';
  }
  return ours;
}

bool IsPropertyName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](const char& c) {
    return c == '.' || IsToolId(std::string_view(&c, 1));
  });
}

bool IsUserId(std::string_view id) {
  const bool number = id.find_first_not_of("0123456789+-() ") == id.npos;
  return !id.empty() && id.size() <= 256 && id.find('@') == id.npos && !number;
}

bool IsToolName(std::string_view name) { return IsToolId(name) && name.size() <= kMaxName; }

bool IsImageType(std::string_view media_type) {
  return std::ranges::find(kImageTypes, media_type) != std::end(kImageTypes);
}

}  // namespace moerge::anthropic
