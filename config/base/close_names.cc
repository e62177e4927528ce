#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/text.h"

namespace moerge {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kShortestPart = 3;
constexpr std::size_t kMostEdits = 6;
constexpr std::size_t kFar = 1000;

// Edits that turn `a` into `b`, where two swapped neighbours are one edit (optimal string
// alignment); anything over `limit` if there are more. Looks only at the band where `limit` edits
// suffice (Ukkonen 1985), since a stranger's name is compared with those of 10,000 experts.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const std::size_t from = i > limit ? i - limit : 1;
    const std::size_t to = std::min(b.size(), i + limit);
    row[from - 1] = from == 1 ? i : kFar;
    for (std::size_t j = from; j <= to; ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    if (to < b.size()) row[to + 1] = kFar;
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

// How far apart two lower-case names are; kFar or more: they do not resemble each other. One that
// contains the other ranks behind every near miss.
std::size_t Distance(std::string_view name, std::string_view other) {
  const std::size_t longer = std::max(name.size(), other.size());
  const std::size_t shorter = std::min(name.size(), other.size());
  const std::size_t limit = std::clamp<std::size_t>(longer / 3, 1, kMostEdits);
  if (longer > kLongestName || shorter == 0) return kFar;
  if (longer - shorter <= limit) {
    const std::size_t edits = EditDistance(name, other, limit);
    if (edits <= limit && edits < longer) return edits;
  }
  const bool part = name.find(other) != name.npos || other.find(name) != other.npos;
  return part && shorter >= kShortestPart ? kLongestName + longer - shorter : kFar;
}

}  // namespace

std::vector<std::string> CloseNames(std::string_view name, const std::vector<std::string>& names,
                                    std::size_t count) {
  if (name.size() > kLongestName) return {};
  std::vector<std::pair<std::size_t, const std::string*>> close;
  const std::string lower = LowerAscii(name);
  for (const std::string& other : names) {
    const std::size_t distance = Distance(lower, LowerAscii(other));
    if (distance < kFar) close.emplace_back(distance, &other);
  }
  std::stable_sort(close.begin(), close.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (std::size_t i = 0; i < std::min(count, close.size()); ++i)
    nearest.push_back(*close[i].second);
  return nearest;
}

std::string DidYouMean(std::string_view name, const std::vector<std::string>& names) {
  const std::vector<std::string> close = CloseNames(name, names);
  if (close.empty()) return {};
  return " Did you mean `" + Join(close, "` or `") + "`?";
}

}  // namespace moerge
