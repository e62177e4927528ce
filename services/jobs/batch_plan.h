// In which order the lines of a batch are answered where experts share devices, so that each expert
// is loaded once: experts with many calls come first, and lines of the same experts one after the
// other. All lines are under way long before the first expert has served its own. 24 bytes a line.
// Not thread-safe; read by any thread once it is sorted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace moerge {

// Where a line stands in its file.
struct LinePlace {
  std::uint64_t offset = 0;  // of its first byte
  std::uint32_t size = 0;
  std::uint32_t number = 0;  // from 1
};

class BatchPlan {
 public:
  // `experts` by name, which live for ever: those that are asked first, in any order; none: that is
  // not known.
  void Add(const LinePlace& place, std::vector<std::string_view> experts);
  // By experts, and as they stand in the file; lines whose experts are not known first. Nothing may
  // be added afterwards.
  void Sort();

  std::size_t size() const { return lines_.size(); }
  const LinePlace& operator[](std::size_t at) const { return lines_[at].place; }
  // How many calls each expert is expected to get, by name.
  const std::map<std::string_view, std::int64_t>& calls() const { return calls_; }
  // Experts, those with most calls first; of equals by name.
  std::vector<std::string_view> Order() const;

 private:
  struct Line {
    LinePlace place;
    std::uint32_t group = 0;
  };

  std::vector<Line> lines_;
  std::map<std::vector<std::string_view>, std::uint32_t> groups_;
  std::map<std::string_view, std::int64_t> calls_;
};

}  // namespace moerge
