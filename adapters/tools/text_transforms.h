// What text operations do to text: counting, case, reversing, sorting, removing duplicates. Pure.
// REQUIRES everywhere: valid UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::tools {

// Counts in the unit named: words, characters, letters, vowels, consonants, digits, spaces, lines,
// bytes, unique words. Nothing for another unit. `working` tells what was counted.
struct TextCount {
  std::size_t count = 0;
  std::string working;
};
[[nodiscard]] std::optional<TextCount> CountUnits(std::string_view unit, std::string_view text);

// Occurrences of `part`, overlapping ones too.
[[nodiscard]] std::size_t CountOccurrences(std::string_view text, std::string_view part);
// Occurrences of `word` as a whole word.
[[nodiscard]] std::size_t CountWord(std::string_view text, std::string_view word);

// By user-perceived characters, so that accents and emoji stay whole.
[[nodiscard]] std::string ReverseCharacters(std::string_view text);
[[nodiscard]] std::string ReverseWords(std::string_view text);

// upper, lower, title, snake, camel, pascal, kebab, constant; nothing for another name.
[[nodiscard]] std::optional<std::string> ChangeCase(std::string_view style, std::string_view text);

[[nodiscard]] bool IsPalindrome(std::string_view text);  // letters and digits alone, case ignored
[[nodiscard]] bool AreAnagrams(std::string_view a, std::string_view b);

// A list's items: its lines, else separated by semicolons, commas or white space; a final "and" and
// bullets are dropped.
struct TextList {
  std::vector<std::string> items;
  std::string separator;
};
[[nodiscard]] TextList SplitItems(std::string_view text);
[[nodiscard]] std::string JoinItems(const TextList& list);

// By value when all items are numbers, else by letter without regard to case. Stable. True when
// numeric.
bool SortItems(TextList& list, bool descending);
// Keeps the first of equal items.
void RemoveDuplicates(TextList& list);

}  // namespace moerge::tools
