// Columns of text for a terminal: each as wide as its widest cell, the last one
// unlimited.
#pragma once

#include <string>
#include <vector>

namespace moerge::cli {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  // REQUIRES: as many cells as the header has.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string Format() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace moerge::cli
