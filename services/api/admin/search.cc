#include "services/api/admin/search.h"

namespace moerge::api {

bool HasWord(std::string_view text, std::string_view word) {
  const auto equal = [](char c, char in_word) {
    return (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == in_word;
  };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), equal) != text.end();
}

bool HasWord(const Expert& expert, std::string_view word) {
  const auto has = [&](std::string_view text) { return HasWord(text, word); };
  const auto has_name = [&](const auto& skill) { return HasWord(skill.first, word); };
  return has(expert.name) || has(expert.description) || has(expert.model) || has(expert.backend) ||
         std::ranges::any_of(expert.tags, has) || std::ranges::any_of(expert.skills, has_name);
}

}  // namespace moerge::api
