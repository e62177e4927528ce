#include "services/jobs/batch_input.h"

#include <optional>
#include <unordered_set>
#include <utility>

#include "config/base/hash.h"

namespace moerge {
namespace {

constexpr std::size_t kFaultsShown = 100;

}  // namespace

Result<BatchValidation> ValidateBatchFile(const std::string& path, const std::string& endpoint) {
  Result<LineReader> reader = LineReader::Open(path);
  if (!reader) return std::move(reader).error();
  BatchValidation found;
  std::unordered_set<std::string> ids;
  while (found.faults.size() < kFaultsShown) {
    Result<std::optional<std::string>> text = reader->Next();
    if (!text) return std::move(text).error();
    if (!text->has_value()) break;
    if ((*text)->find_first_not_of(" \t\r") == std::string::npos) continue;
    ++found.lines;
    const auto number = static_cast<std::int64_t>(reader->line_number());
    LineOrFault line = ParseBatchLine(**text, number, endpoint);
    if (line.fault) {
      found.faults.push_back(std::move(*line.fault));
      continue;
    }
    // A digest takes as little room as possible where there are a million.
    std::string digest = Sha256Hex(line.line->custom_id).substr(0, 32);
    if (!ids.insert(std::move(digest)).second) {
      found.faults.push_back(
          {.code = "duplicate_custom_id",
           .message = "another line has the custom_id `" + line.line->custom_id + "` too",
           .param = "custom_id",
           .line = number});
    }
  }
  if (found.lines == 0 && found.faults.empty()) {
    found.faults.push_back({.code = "empty_file", .message = "the file has no requests"});
  }
  return found;
}

Result<std::shared_ptr<BatchLineSource>> BatchLineSource::Open(const std::string& path,
                                                               std::string endpoint) {
  Result<LineReader> reader = LineReader::Open(path);
  if (!reader) return std::move(reader).error();
  return std::make_shared<BatchLineSource>(*std::move(reader), std::move(endpoint));
}

BatchLineSource::BatchLineSource(LineReader reader, std::string endpoint)
    : reader_(std::move(reader)), endpoint_(std::move(endpoint)) {}

Result<std::deque<BatchLine>> BatchLineSource::Next(std::size_t most, const BatchOutput& output) {
  std::deque<BatchLine> lines;
  while (lines.size() < most) {
    Result<std::optional<std::string>> text = reader_.Next();
    if (!text) return std::move(text).error();
    if (!text->has_value()) break;
    const auto number = static_cast<std::int64_t>(reader_.line_number());
    if (output.Has(number)) continue;
    LineOrFault line = ParseBatchLine(**text, number, endpoint_);
    if (line.line) lines.push_back(*std::move(line.line));
  }
  return lines;
}

}  // namespace moerge
