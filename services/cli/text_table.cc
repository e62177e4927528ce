#include "services/cli/text_table.h"

#include <algorithm>

#include "config/base/utf8.h"

namespace moerge::cli {
namespace {

std::size_t Width(const std::string& text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size(); ++width) utf8::Next(text, &at);
  return width;
}

}  // namespace

std::string TextTable::Format() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string out;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - Width(row[i]) + 2, ' ');
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
  }
  return out;
}

}  // namespace moerge::cli
