// Reading files that teach about experts, whichever kind they are: results tables or exported
// evidence. Thread-safe; reading files blocks.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "config/base/result.h"
#include "registry/profile_import.h"
#include "registry/table_parser.h"

namespace moerge {

struct ImportOptions {
  std::string source;  // of a results table; evidence brings its own
  TableOptions table;
};

struct ImportedFile {
  StoreChange change;
  std::string report;  // ProfileReportJson
};

// The first line with text tells the kind. Errors: kInvalid, "line 7: ...": no good row at all;
// with `strict` the first bad one.
Result<ImportedFile> ImportFile(std::string_view text, const ImportOptions& options,
                                const Snapshot& snapshot, WallTime now);

// Ids out of "1,2,3", or of a file with one id a line when there is one of that name.
Result<std::set<std::string>> ReadIds(const std::string& ids_or_file);

// All evidence of a store, with observations if wanted, as registry/evidence_file.h writes it.
// Error: kTooLarge over `limit` bytes; of the store.
Result<std::string> ExportText(Store& store, bool observations, std::size_t limit);

}  // namespace moerge
