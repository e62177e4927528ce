#include "config/yaml/mistakes.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::size_t kLongestPath = 300;
constexpr std::size_t kLongestMessage = 1000;

// Keys and names of the file come up in paths and messages; neither their length nor their line
// breaks may spoil the report.
std::string OneLine(std::string_view text, std::size_t longest) {
  std::string line(utf8::Truncate(text, longest));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c >= 0 && c < 0x20; }, ' ');
  return line.size() < text.size() ? line + "..." : line;
}

}  // namespace

void Mistakes::Add(YamlMark at, std::string_view path, std::string_view message) {
  if (full()) return;
  std::string shown = OneLine(path, kLongestPath);
  paths_.insert(shown);
  list_.push_back({at.line, at.column, std::move(shown), OneLine(message, kLongestMessage)});
}

bool Mistakes::Has(std::string_view path) const {
  return paths_.contains(OneLine(path, kLongestPath));
}

std::vector<ConfigMistake> Mistakes::Take() && {
  std::stable_sort(list_.begin(), list_.end(), [](const ConfigMistake& a, const ConfigMistake& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  if (full())
    list_.push_back({0, 0, "", "more mistakes than are listed here; correct these first"});
  return std::move(list_);
}

std::string Shown(const YamlNode& node) {
  constexpr std::size_t kLongest = 60;
  switch (node.kind) {
    case YamlNode::Kind::kNull: return "nothing";
    case YamlNode::Kind::kList: return "a list";
    case YamlNode::Kind::kMap: return "a map";
    case YamlNode::Kind::kScalar: break;
  }
  return "`" + OneLine(node.text, kLongest) + "`";
}

}  // namespace moerge
