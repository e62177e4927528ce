// Small groups of English words that say what a text asks for. Pure; any thread.
#pragma once

#include <cstdint>

namespace moerge {

enum class WordGroup : std::uint8_t {
  kNone,
  kNumber,   // "three", "half", "dozen"
  kIf,       // a condition
  kEach,     // "each", "per"
  kCompare,  // "more", "than"
  kTimes,    // "times", "double"
  kTotal,    // "total", "altogether"
  kWhat,
  kWhich,
  kHow,
  kWhy,
  kFind,      // "calculate", "determine"
  kNegation,  // "not", "except"
  kFollowing,
  kStatement,
  kBest,   // "true", "best"
  kRoman,  // "ii", "iv"
  kAnd,
  kNoneOrAll,  // what "of" may follow
  kOf,
  kCount,
};

// Bytes of a word, lower case, one after another.
constexpr std::uint32_t kWordStart = 2166136261u;
constexpr std::uint32_t NextOfWord(std::uint32_t hash, unsigned char byte) {
  return (hash ^ byte) * 16777619u;
}

// The group of a word by its hash, a second one ("half" is a number and a factor) or kNone.
struct WordGroups {
  WordGroup first = WordGroup::kNone;
  WordGroup second = WordGroup::kNone;
};
WordGroups GroupsOf(std::uint32_t word);

}  // namespace moerge
