#include "services/jobs/batch_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "config/base/system_error.h"
#include "services/jobs/batch_lines.h"

namespace moerge {
namespace {

constexpr std::size_t kReadAtOnce = 1 << 20;
constexpr std::int64_t kMostLines = 1'000'000'000;  // a number beyond that is damage

Status WriteLines(int descriptor, std::string_view lines) {
  if (lines.empty()) return Ok{};
  while (!lines.empty()) {
    const ssize_t written = ::write(descriptor, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(ErrorCode::kUnavailable, "cannot write", "a batch's file");
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fdatasync(descriptor) == 0) return Ok{};
  return SystemError(ErrorCode::kUnavailable, "cannot write", "a batch's file");
}

}  // namespace

Result<std::shared_ptr<BatchOutput>> BatchOutput::Open(FileRoom& room, const std::string& answers,
                                                       const std::string& failures) {
  const std::shared_ptr<BatchOutput> output(new BatchOutput());
  for (const bool failed : {false, true}) {
    const std::string path = room.PathOf(failed ? failures : answers);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) return SystemError(ErrorCode::kUnavailable, "cannot open", path);
    (failed ? output->failures_file_ : output->answers_file_) = descriptor;
    Result<std::int64_t> lines = output->Recover(descriptor, path);
    if (!lines) return std::move(lines).error();
    (failed ? output->failures_ : output->answered_) = *lines;
  }
  return output;
}

BatchOutput::~BatchOutput() {
  if (answers_file_ >= 0) ::close(answers_file_);
  if (failures_file_ >= 0) ::close(failures_file_);
}

// How many whole lines there are; the file ends with the last of them.
Result<std::int64_t> BatchOutput::Recover(int descriptor, const std::string& path) {
  std::string rest;
  std::string piece(kReadAtOnce, '\0');
  std::int64_t lines = 0;
  off_t whole = 0;
  while (true) {
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(ErrorCode::kUnavailable, "cannot read", path);
    if (got == 0) break;
    rest.append(piece, 0, static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end; (end = rest.find('\n', begin)) != rest.npos; begin = end + 1) {
      const std::int64_t number = NumberOfOutput(std::string_view(rest).substr(begin, end - begin));
      if (number <= 0 || number > kMostLines) {
        return Error{ErrorCode::kUnavailable, path + " is damaged"};
      }
      const auto place = static_cast<std::size_t>(number);
      if (done_.size() <= place) done_.resize(place + 1);
      done_[place] = true;
      ++lines;
      whole += static_cast<off_t>(end + 1 - begin);
    }
    rest.erase(0, begin);
  }
  if (!rest.empty() && ::ftruncate(descriptor, whole) != 0) {
    return SystemError(ErrorCode::kUnavailable, "cannot shorten", path);
  }
  return lines;
}

bool BatchOutput::Has(std::int64_t line) const {
  const auto place = static_cast<std::size_t>(line);
  return place < done_.size() && done_[place];
}

Status BatchOutput::Append(std::string_view answers, std::string_view failures) {
  Status written = WriteLines(answers_file_, answers);
  return written ? WriteLines(failures_file_, failures) : written;
}

}  // namespace moerge
