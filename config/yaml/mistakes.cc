#include "config/yaml/mistakes.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "config/base/utf8.h"

namespace moerge {

void Mistakes::Add(YamlMark at, std::string path, std::string message) {
  if (full()) return;
  paths_.insert(path);
  list_.push_back({at.line, at.column, std::move(path), std::move(message)});
}

std::vector<ConfigMistake> Mistakes::Take() && {
  std::stable_sort(list_.begin(), list_.end(), [](const ConfigMistake& a, const ConfigMistake& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  if (full()) list_.push_back({0, 0, "", "more mistakes than are listed here; correct these first"});
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
  std::string shown(utf8::Truncate(node.text, kLongest));
  std::replace_if(shown.begin(), shown.end(), [](char c) { return c >= 0 && c < 0x20; }, ' ');
  return "`" + shown + (shown.size() < node.text.size() ? "...`" : "`");
}

}  // namespace moerge
