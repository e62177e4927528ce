#include "router/evaluate/split.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "config/base/hash.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

struct Group {
  std::string category;  // of its first row, by id
  std::uint64_t order = 0;
  std::string key;
  std::vector<std::uint32_t> rows;
};

std::vector<Group> GroupByPrompt(const std::vector<TableRow>& rows, std::uint64_t seed) {
  std::map<std::string, std::vector<std::uint32_t>> by_key;
  for (std::uint32_t i = 0; i < rows.size(); ++i) by_key[PromptKey(rows[i].prompt)].push_back(i);
  std::vector<Group> groups;
  for (auto& [key, members] : by_key) {
    const std::uint32_t first = *std::min_element(
        members.begin(), members.end(), [&](auto a, auto b) { return rows[a].id < rows[b].id; });
    groups.push_back({rows[first].category, Hash64(key, seed), key, std::move(members)});
  }
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return std::tie(a.category, a.order, a.key) < std::tie(b.category, b.order, b.key);
  });
  return groups;
}

}  // namespace

std::string PromptKey(std::string_view prompt) {
  std::string key;
  bool gap = false;
  const std::string lower = utf8::Lower(prompt);
  for (const char c : lower) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!blank && gap && !key.empty()) key += ' ';
    gap = blank;
    if (!blank) key += c;
  }
  return key;
}

std::vector<Fold> GroupedFolds(const std::vector<TableRow>& rows, int folds, std::uint64_t seed) {
  std::vector<Fold> dealt(static_cast<std::size_t>(folds));
  std::size_t next = 0;
  for (const Group& group : GroupByPrompt(rows, seed)) {
    const std::size_t test = next++ % dealt.size();
    for (std::size_t fold = 0; fold < dealt.size(); ++fold) {
      auto& part = fold == test ? dealt[fold].test : dealt[fold].train;
      part.insert(part.end(), group.rows.begin(), group.rows.end());
    }
  }
  for (Fold& fold : dealt) {
    std::sort(fold.train.begin(), fold.train.end());
    std::sort(fold.test.begin(), fold.test.end());
  }
  return dealt;
}

}  // namespace moerge
