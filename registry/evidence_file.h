// Evidence and observations as JSON Lines, to carry what is known of experts from one store to
// another. Thread-safe, pure.
//
//   {"expert":"ada","skill":"algebra","source":"import:t","wins":3,"trials":4,"updated":"2026-..."}
//   {"observation":"17","source":"import:t","skill":"algebra","prompt":"...","scores":{"ada":1}}
//
// Lines are ordered by expert, source and skill, observations as they came in, so that equal stores
// give equal bytes and a file that is read back is written again byte for byte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/evidence_table.h"
#include "registry/profile_import.h"
#include "registry/table_parser.h"

namespace moerge {

// One line each, with its end. A cell without trials gives nothing.
std::string EvidenceLine(const Evidence& evidence);
std::string ObservationLine(const Observation& observation);
std::string EvidenceLines(const EvidenceTable& evidence);

// Whether a file whose first line with text is this one holds evidence; else it is a results table.
bool IsEvidenceLine(std::string_view line);

// What such a file holds. Line numbers, strictness and counts of the bad as in results tables.
class EvidenceParser {
 public:
  explicit EvidenceParser(TableOptions options = {}) : options_(std::move(options)) {}

  // Error (strict only): kInvalid, "line 7: ...".
  Status Parse(std::string_view line, std::size_t number);

  const TableReport& report() const { return report_; }
  std::vector<Evidence> evidence;
  std::vector<Observation> observations;

 private:
  Status Read(std::string_view line);

  TableOptions options_;
  TableReport report_;
};

Result<EvidenceParser> ParseEvidence(std::string_view text, TableOptions options = {});

// Puts the cells over those that are there and adds what is missing: nothing is forgotten. Skills
// that do not exist are created.
ProfileImport ImportEvidence(const EvidenceParser& file, const Snapshot& snapshot);

}  // namespace moerge
