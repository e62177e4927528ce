// ?find= of lists: what things are searched by. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/text.h"
#include "config/entities.h"

namespace moerge::api {

// The words of ?find=, in lower case: a thing has to have all of them, each in whatever text of it.
class Search {
 public:
  Search() = default;
  explicit Search(std::string_view find) {
    const std::string lower = LowerAscii(find);
    for (const std::string_view word : Split(lower, ' ')) {
      if (!word.empty()) words_.emplace_back(word);
    }
  }

  // `has(word)`: whether the thing has it.
  template <class Has>
  bool Takes(const Has& has) const {
    return std::ranges::all_of(words_, has);
  }

 private:
  std::vector<std::string> words_;
};

// Whether `text` has `word` in it, whatever the case of ASCII letters. `word`: in lower case.
bool HasWord(std::string_view text, std::string_view word);

inline bool HasWord(const Backend& backend, std::string_view word) {
  return HasWord(backend.name, word) || HasWord(backend.base_url, word);
}
inline bool HasWord(const Skill& skill, std::string_view word) {
  return HasWord(skill.name, word) || HasWord(skill.description, word) ||
         HasWord(skill.category, word);
}
inline bool HasWord(const Policy& policy, std::string_view word) {
  return HasWord(policy.name, word) || HasWord(policy.description, word);
}
inline bool HasWord(const ApiKey& key, std::string_view word) {
  return HasWord(key.name, word) || HasWord(key.description, word);
}
bool HasWord(const Expert& expert, std::string_view word);

}  // namespace moerge::api
