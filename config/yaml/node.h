// A YAML document as a tree of immutable nodes that know where they stand in the file. Aliases are
// shared nodes. Any thread may read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

// From 1; line 0 is the file as a whole.
struct YamlMark {
  int line = 0;
  int column = 0;
};

struct YamlNode;
using YamlPtr = std::shared_ptr<const YamlNode>;

struct YamlMember {
  std::string key;
  YamlMark at;  // of the key
  YamlPtr value;
};

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  YamlMark at;
  std::string text;  // of a scalar; environment variables are not filled in yet
  std::vector<YamlPtr> items;
  std::vector<YamlMember> members;  // keys are unique
  std::size_t weight = 1;           // nodes in this tree, shared ones counted at every use

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }

  // Null unless a map that has it.
  const YamlMember* Find(std::string_view key) const;
};

}  // namespace moerge
