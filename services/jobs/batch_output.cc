#include "services/jobs/batch_output.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "services/jobs/batch_lines.h"

namespace moerge {
namespace {

constexpr std::size_t kReadAtOnce = 1 << 20;
constexpr std::int64_t kMostLines = 1'000'000'000;  // a number beyond that is damage

}  // namespace

Result<std::shared_ptr<BatchOutput>> BatchOutput::Open(const FileRoom& room,
                                                       const std::string& answers,
                                                       const std::string& failures) {
  const std::shared_ptr<BatchOutput> output(new BatchOutput());
  output->answers_.path = room.PathOf(answers);
  output->failures_.path = room.PathOf(failures);
  for (File* file : {&output->answers_, &output->failures_}) {
    file->descriptor = ::open(file->path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file->descriptor < 0) return RoomError("cannot write", file->path);
    // A lease is told by clocks, which may jump; this is not.
    if (::flock(file->descriptor, LOCK_EX | LOCK_NB) != 0) {
      return Error{ErrorCode::kConflict, "another process writes the batch's files"};
    }
    if (Status whole = output->Recover(file); !whole) return std::move(whole).error();
  }
  if (Status kept = SyncFolderOf(output->answers_.path); !kept) return std::move(kept).error();
  return output;
}

BatchOutput::~BatchOutput() {
  if (answers_.descriptor >= 0) ::close(answers_.descriptor);
  if (failures_.descriptor >= 0) ::close(failures_.descriptor);
}

// Finds the whole lines there are; the file ends with the last of them.
Status BatchOutput::Recover(File* file) {
  std::string rest;
  std::string piece(kReadAtOnce, '\0');
  while (true) {
    const ssize_t got = ::read(file->descriptor, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return RoomError("cannot read", file->path);
    if (got == 0) break;
    rest.append(piece, 0, static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end; (end = rest.find('\n', begin)) != rest.npos; begin = end + 1) {
      const std::int64_t number = NumberOfOutput(std::string_view(rest).substr(begin, end - begin));
      if (number <= 0 || number > kMostLines) {
        return Error{ErrorCode::kInternal, file->path + " is damaged"};
      }
      const auto place = static_cast<std::size_t>(number);
      if (done_.size() <= place) done_.resize(std::max(place + 1, 2 * done_.size()));
      done_[place] = true;
      ++file->lines;
      file->size += static_cast<off_t>(end + 1 - begin);
    }
    rest.erase(0, begin);
  }
  return rest.empty() ? Status(Ok{}) : TakeBack(*file);
}

Status BatchOutput::TakeBack(const File& file) {
  if (::ftruncate(file.descriptor, file.size) == 0) return Ok{};
  return RoomError("cannot shorten", file.path);
}

bool BatchOutput::Has(std::int64_t line) const {
  const auto place = static_cast<std::size_t>(line);
  return place < done_.size() && done_[place];
}

Status BatchOutput::Append(std::string_view answers, std::string_view failures) {
  Status written = WriteDurably(answers_.descriptor, answers, answers_.path);
  if (written) written = WriteDurably(failures_.descriptor, failures, failures_.path);
  if (written) {
    answers_.size += static_cast<off_t>(answers.size());
    failures_.size += static_cast<off_t>(failures.size());
    return written;
  }
  for (const File* file : {&answers_, &failures_}) {
    if (TakeBack(*file)) continue;
    Error unknown = std::move(written).error();
    unknown.code = ErrorCode::kInternal;
    return unknown;
  }
  return written;
}

}  // namespace moerge
