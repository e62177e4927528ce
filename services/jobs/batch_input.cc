#include "services/jobs/batch_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "config/base/units.h"

namespace moerge {
namespace {

constexpr std::size_t kFaultsShown = 100;

Error InputGone() { return Error{ErrorCode::kNotFound, "the input file is gone"}; }

// The server's folders are none of a client's business.
Error InputError(Error error) {
  if (error.code == ErrorCode::kNotFound) return InputGone();
  if (error.code == ErrorCode::kInvalid) error.message = "the input file is a damaged gzip file";
  return error;
}

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r") == text.npos; }

}  // namespace

Result<std::shared_ptr<BatchCheck>> BatchCheck::Open(const BatchInput& input) {
  Result<LineReader> reader = LineReader::Open(input.path, input.max_line);
  if (!reader) return InputError(std::move(reader).error());
  return std::make_shared<BatchCheck>(*std::move(reader), input);
}

BatchCheck::BatchCheck(LineReader reader, const BatchInput& input)
    : reader_(std::move(reader)), input_(input) {}

Result<bool> BatchCheck::Step(std::size_t most_bytes) {
  std::size_t bytes = 0;
  while (bytes < most_bytes) {
    Result<std::optional<std::string>> text = reader_.Next();
    if (!text && text.error().code == ErrorCode::kTooLarge) {
      // Where the next one begins is not known.
      found_.faults.push_back({.code = "line_too_long",
                               .message = "the line is longer than server.max_body allows, " +
                                          FormatSize(input_.max_line),
                               .line = static_cast<std::int64_t>(reader_.line_number()) + 1});
      return End();
    }
    if (!text) return InputError(std::move(text).error());
    if (!text->has_value()) return End();
    bytes += (*text)->size() + 1;
    Check(**text);
    if (found_.faults.size() == kFaultsShown) return End();
  }
  return true;
}

void BatchCheck::Check(const std::string& text) {
  if (IsBlank(text)) return;
  ++found_.lines;
  const auto number = static_cast<std::int64_t>(reader_.line_number());
  LineOrFault line = ParseBatchLine(text, number, input_.endpoint);
  if (line.fault) {
    found_.faults.push_back(std::move(*line.fault));
  } else if (!ids_.Add(line.line->custom_id)) {
    found_.faults.push_back(
        {.code = "duplicate_custom_id",
         .message = "another line has the custom_id `" + line.line->custom_id + "` too",
         .param = "custom_id",
         .line = number});
  }
}

bool BatchCheck::End() {
  if (found_.lines == 0 && found_.faults.empty()) {
    found_.faults.push_back({.code = "empty_file", .message = "the file has no requests"});
  }
  return false;
}

Result<std::shared_ptr<BatchLineSource>> BatchLineSource::Open(const BatchInput& input) {
  Result<LineReader> reader = LineReader::Open(input.path, input.max_line);
  if (!reader) return InputError(std::move(reader).error());
  return std::make_shared<BatchLineSource>(*std::move(reader), input);
}

BatchLineSource::~BatchLineSource() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status BatchLineSource::Follow(std::shared_ptr<const BatchPlan> plan) {
  descriptor_ = ::open(input_.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) return InputGone();
  plan_ = std::move(plan);
  return Ok{};
}

Result<std::deque<BatchLine>> BatchLineSource::Next(std::size_t most, std::size_t most_bytes,
                                                    const BatchOutput* output) {
  std::deque<BatchLine> lines;
  std::size_t bytes = 0;
  while (lines.size() < most && bytes < most_bytes) {
    LinePlace place;
    Result<std::optional<std::string>> text = plan_ ? NextPlanned(&place) : NextText(&place);
    if (!text) return InputError(std::move(text).error());
    if (!text->has_value()) break;
    if (output != nullptr && output->Has(place.number)) continue;
    LineOrFault line = ParseBatchLine(**text, place.number, input_.endpoint);
    if (!line.line) continue;
    bytes += line.line->body.size();
    line.line->place = place;
    lines.push_back(*std::move(line.line));
  }
  return lines;
}

Result<std::optional<std::string>> BatchLineSource::NextText(LinePlace* place) {
  Result<std::optional<std::string>> text = reader_.Next();
  if (text && text->has_value()) {
    *place = {.offset = reader_.line_offset(),
              .size = static_cast<std::uint32_t>((*text)->size()),
              .number = static_cast<std::uint32_t>(reader_.line_number())};
  }
  return text;
}

Result<std::optional<std::string>> BatchLineSource::NextPlanned(LinePlace* place) {
  if (planned_ == plan_->size()) return std::optional<std::string>();
  *place = (*plan_)[planned_++];
  std::string text(place->size, '\0');
  for (std::size_t got = 0; got < text.size();) {
    const ssize_t more = ::pread(descriptor_, text.data() + got, text.size() - got,
                                 static_cast<off_t>(place->offset + got));
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) return InputGone();
    got += static_cast<std::size_t>(more);
  }
  return std::optional<std::string>(std::move(text));
}

}  // namespace moerge
