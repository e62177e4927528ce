#include "registry/table_reader.h"

#include <optional>
#include <utility>

#include "config/base/line_reader.h"
#include "config/base/text.h"

namespace moerge {
namespace {

Status Take(std::string_view line, std::size_t number, TableParser* parser, Table* table) {
  Result<std::optional<TableRow>> row = parser->Parse(line, number);
  if (!row.ok()) return row.error();
  if (row->has_value()) table->rows.push_back(std::move(**row));
  return Ok{};
}

}  // namespace

Result<Table> ReadTable(const std::string& path, TableOptions options) {
  Result<LineReader> reader = LineReader::Open(path);
  if (!reader.ok()) return reader.error();
  TableParser parser(options);
  Table table;
  while (true) {
    const Result<std::optional<std::string>> line = reader->Next();
    if (!line.ok()) return line.error();
    if (!line->has_value()) break;
    if (Status taken = Take(**line, reader->line_number(), &parser, &table); !taken.ok()) {
      return Error{ErrorCode::kInvalid, path + ": " + taken.error().message};
    }
  }
  if (Status sound = parser.End(); !sound.ok()) {
    return Error{ErrorCode::kInvalid, path + ": " + sound.error().message};
  }
  table.report = parser.report();
  return table;
}

Result<Table> ParseTable(std::string_view text, TableOptions options) {
  TableParser parser(options);
  Table table;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (Status taken = Take(line, ++number, &parser, &table); !taken.ok()) return taken.error();
  }
  if (Status sound = parser.End(); !sound.ok()) return sound.error();
  table.report = parser.report();
  return table;
}

}  // namespace moerge
