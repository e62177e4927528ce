// Collects the mistakes of one configuration file, bounded in number and length, so that no file
// can make a report of gigabytes. Not thread-safe.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/yaml/node.h"

namespace moerge {

class Mistakes {
 public:
  static constexpr std::size_t kMost = 500;

  void Add(YamlMark at, std::string_view path, std::string_view message);
  // Whether a mistake was found at exactly this field; a second look at it would say it twice.
  bool Has(std::string_view path) const;
  bool full() const { return list_.size() >= kMost; }

  // In the order of the file.
  std::vector<ConfigMistake> Take() &&;

 private:
  std::vector<ConfigMistake> list_;
  std::set<std::string> paths_;
};

// What the file has at `node`, for error texts: "`abc`", "a list", ... at most 60 bytes of it.
std::string Shown(const YamlNode& node);

}  // namespace moerge
