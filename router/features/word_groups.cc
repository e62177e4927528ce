#include "router/features/word_groups.h"

#include <array>
#include <string_view>

namespace moerge {
namespace {

constexpr std::uint32_t HashOf(std::string_view word) {
  std::uint32_t hash = kWordStart;
  for (const char c : word) hash = NextOfWord(hash, static_cast<unsigned char>(c));
  return hash;
}

struct Entry {
  std::string_view word;
  WordGroups groups;
};

using enum WordGroup;

constexpr Entry kEntries[] = {
    {"one", {kNumber}},
    {"two", {kNumber}},
    {"three", {kNumber}},
    {"four", {kNumber}},
    {"five", {kNumber}},
    {"six", {kNumber}},
    {"seven", {kNumber}},
    {"eight", {kNumber}},
    {"nine", {kNumber}},
    {"ten", {kNumber}},
    {"third", {kNumber}},
    {"quarter", {kNumber}},
    {"dozen", {kNumber}},
    {"half", {kNumber, kTimes}},
    {"twice", {kNumber, kTimes}},
    {"double", {kNumber, kTimes}},
    {"triple", {kNumber, kTimes}},
    {"times", {kTimes}},
    {"if", {kIf}},
    {"each", {kEach}},
    {"every", {kEach}},
    {"per", {kEach}},
    {"more", {kCompare}},
    {"less", {kCompare}},
    {"than", {kCompare}},
    {"fewer", {kCompare}},
    {"total", {kTotal}},
    {"altogether", {kTotal}},
    {"what", {kWhat}},
    {"which", {kWhich}},
    {"how", {kHow}},
    {"why", {kWhy}},
    {"find", {kFind}},
    {"calculate", {kFind}},
    {"determine", {kFind}},
    {"compute", {kFind}},
    {"evaluate", {kFind}},
    {"not", {kNegation}},
    {"except", {kNegation}},
    {"false", {kNegation}},
    {"incorrect", {kNegation}},
    {"least", {kNegation}},
    {"following", {kFollowing}},
    {"statement", {kStatement}},
    {"statements", {kStatement}},
    {"true", {kBest}},
    {"best", {kBest}},
    {"most", {kBest}},
    {"ii", {kRoman}},
    {"iii", {kRoman}},
    {"iv", {kRoman}},
    {"and", {kAnd}},
    {"none", {kNoneOrAll}},
    {"all", {kNoneOrAll}},
    {"of", {kOf}},
};

constexpr std::size_t kSlots = 256;

struct Slot {
  std::uint32_t word = 0;
  WordGroups groups;
};

// Open addressing; no word hashes to 0.
constexpr std::array<Slot, kSlots> kTable = [] {
  std::array<Slot, kSlots> table{};
  for (const Entry& entry : kEntries) {
    const std::uint32_t word = HashOf(entry.word);
    std::size_t at = word % kSlots;
    while (table[at].word != 0) at = (at + 1) % kSlots;
    table[at] = {word, entry.groups};
  }
  return table;
}();

}  // namespace

WordGroups GroupsOf(std::uint32_t word) {
  for (std::size_t at = word % kSlots; kTable[at].word != 0; at = (at + 1) % kSlots) {
    if (kTable[at].word == word) return kTable[at].groups;
  }
  return {};
}

}  // namespace moerge
