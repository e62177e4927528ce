#include "services/cli/signal_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "config/base/line_reader.h"

namespace moerge::cli {
namespace {

Error CannotWrite(const std::string& path) {
  return Error{ErrorCode::kInvalid, "cannot write " + path + ": " + std::strerror(errno)};
}

}  // namespace

Result<RecordedSignals> ReadSignalFile(const std::string& file, bool strict) {
  RecordedSignals signals;
  Result<LineReader> reader = LineReader::Open(file);
  if (!reader) return std::move(reader).error();
  while (true) {
    const Result<std::optional<std::string>> line = reader->Next();
    if (!line) return line.error();
    if (!*line) return signals;
    const Status added = signals.Add(**line);
    if (added) continue;
    const std::string what =
        file + ": line " + std::to_string(reader->line_number()) + ": " + added.error().message;
    if (strict) return Error{ErrorCode::kInvalid, what};
    std::fprintf(stderr, "warning: %s\n", what.c_str());
  }
}

void SignalFile::Close::operator()(std::FILE* file) const {
  if (file != stdout) std::fclose(file);
}

Result<SignalFile> SignalFile::Open(const std::string& path) {
  SignalFile opened;
  opened.path_ = path;
  if (path == "-") {
    opened.file_.reset(stdout);
    return opened;
  }
  if (std::filesystem::exists(path)) {
    Result<RecordedSignals> before = ReadSignalFile(path, true);
    if (!before) {
      return Error{ErrorCode::kInvalid,
                   before.error().message + "; name another file, or remove this one"};
    }
    opened.before_ = *std::move(before);
  }
  opened.file_.reset(std::fopen(path.c_str(), "ae"));
  if (opened.file_ == nullptr) return CannotWrite(path);
  return opened;
}

Status SignalFile::Add(const std::string& line) {
  const bool whole = std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size();
  if (!whole || std::fflush(file_.get()) != 0) return CannotWrite(path_);
  return Ok{};
}

}  // namespace moerge::cli
