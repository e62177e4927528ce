// What decisions of one hour took together: a cell for each combination of client, policy, expert
// and skill that occurred, and the sums by each of the four alone. In two blobs: the head answers
// what is asked by one of the four, and the body, which holds the cells by client, the rest.
// A value; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/decision_log.h"

namespace moerge::sqlite {

class UsagePart {
 public:
  static constexpr std::size_t kColumns = 4;  // client, policy, expert, skill
  using Values = std::array<std::string_view, kColumns>;
  struct Entry {
    Values values;
    UsageSums sums;
  };

  UsagePart() = default;
  // Entries of equal values become one cell.
  explicit UsagePart(std::span<const Entry> entries);
  // What Encode wrote. False: damaged; the part is empty then.
  bool Decode(std::string_view head, std::string_view body);
  void Encode(std::string* head, std::string* body) const;

  void Add(const UsagePart& other);
  std::size_t cells() const { return cells_.size(); }

 private:
  using Key = std::array<std::uint32_t, kColumns>;  // places in values_
  struct Cell {
    Key key;
    UsageSums sums;
  };

  void Renumber(const std::array<std::vector<std::string>, kColumns>& values);
  void EncodeColumn(std::size_t column, std::string* head) const;

  std::array<std::vector<std::string>, kColumns> values_;  // ascending
  std::vector<Cell> cells_;                                // ascending by key
};

// By value of the group that is asked for.
using UsageByValue = std::map<std::string, UsageSums, std::less<>>;

// Whether the answer takes the body: more than one of the four is asked about.
bool NeedsBody(const UsageFilter& filter);
// Adds what matches the filter's values; times are not looked at. `body` may be empty where it is
// not needed. False: damaged.
bool AddMatching(std::string_view head, std::string_view body, const UsageFilter& filter,
                 UsageByValue* sums);

}  // namespace moerge::sqlite
