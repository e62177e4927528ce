#include "services/profile_file.h"

#include <filesystem>

#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "registry/evidence_file.h"
#include "registry/table_reader.h"
#include "services/profile_report_json.h"

namespace moerge {
namespace {

std::string_view FirstLine(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = Trim(text.substr(0, end));
    if (!line.empty()) return line;
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return {};
}

Error NoGoodRow(const TableReport& report) {
  std::string why = "the file has no good row";
  if (!report.messages.empty()) why += "; " + report.messages.front();
  return Error{.code = ErrorCode::kInvalid, .message = why};
}

Result<ImportedFile> ImportEvidenceText(std::string_view text, const ImportOptions& options,
                                        const Snapshot& snapshot) {
  const auto file = ParseEvidence(text, options.table);
  if (!file) return file.error();
  if (file->report().rows == 0) return NoGoodRow(file->report());
  ProfileImport import = ImportEvidence(*file, snapshot);
  std::string report = ProfileReportJson(import.report, file->report());
  return ImportedFile{std::move(import.change), std::move(report)};
}

}  // namespace

Result<ImportedFile> ImportFile(std::string_view text, const ImportOptions& options,
                                const Snapshot& snapshot, WallTime now) {
  if (IsEvidenceLine(FirstLine(text))) return ImportEvidenceText(text, options, snapshot);
  const Result<Table> table = ParseTable(text, options.table);
  if (!table) return table.error();
  if (table->rows.empty()) return NoGoodRow(table->report);
  ProfileImport import = ImportProfile(table->rows, snapshot, options.source, now);
  std::string report = ProfileReportJson(import.report, table->report);
  return ImportedFile{std::move(import.change), std::move(report)};
}

Result<std::set<std::string>> ReadIds(const std::string& ids_or_file) {
  std::set<std::string> ids;
  std::string text = ids_or_file;
  std::error_code ignored;
  const bool file = std::filesystem::is_regular_file(ids_or_file, ignored);
  if (file) {
    Result<std::string> read = ReadFile(ids_or_file);
    if (!read) return std::move(read).error();
    text = *std::move(read);
  }
  for (const std::string_view id : Split(text, file ? '\n' : ',')) {
    if (!Trim(id).empty()) ids.emplace(Trim(id));
  }
  return ids;
}

Result<std::string> ExportText(Store& store, bool observations, std::size_t limit) {
  const Result<StoredState> state = store.registry().Load();
  if (!state) return state.error();
  std::string text = EvidenceLines(state->evidence);
  if (observations) {
    const Status visited = store.observations().Visit([&](const Observation& one) {
      text += ObservationLine(one);
      return text.size() <= limit;
    });
    if (!visited) return visited.error();
  }
  if (text.size() <= limit) return text;
  return Error{ErrorCode::kTooLarge,
               "there is too much to send at once; `moerge profile export --store` writes it to a "
               "file"};
}

}  // namespace moerge
