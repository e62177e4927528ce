// A whole results table from a file (.jsonl, .jsonl.gz) or from text. Blocking: not on an event
// loop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/table_parser.h"

namespace moerge {

struct Table {
  std::vector<TableRow> rows;  // the good ones, in the order of the file
  TableReport report;
};

// Errors: what LineReader says (no such file, damaged gzip); with `strict` the first bad row, as
// "FILE: line 7: ...".
Result<Table> ReadTable(const std::string& path, TableOptions options = {});
Result<Table> ParseTable(std::string_view text, TableOptions options = {});

}  // namespace moerge
