#include "services/jobs/line_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <utility>

#include "services/jobs/file_room.h"

namespace moerge {
namespace {

constexpr std::size_t kRecoveredAtOnce = 1 << 20;

// The whole lines of `text` are visited and taken out of it; how many bytes they were.
Result<std::size_t> VisitLines(std::string* text,
                               const std::function<Status(std::string_view)>& visit) {
  std::size_t begin = 0;
  for (std::size_t end; (end = text->find('\n', begin)) != text->npos; begin = end + 1) {
    Status seen = visit(std::string_view(*text).substr(begin, end - begin));
    if (!seen) return std::move(seen).error();
  }
  text->erase(0, begin);
  return begin;
}

}  // namespace

Result<LineFile> LineFile::Open(std::string path) {
  Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!descriptor) return RoomError("cannot write", path);
  // A lease is told by clocks, which may jump; this is not.
  if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::kConflict, "another process writes the file"};
  }
  return LineFile(std::move(descriptor), std::move(path));
}

Status LineFile::Recover(const std::function<Status(std::string_view)>& visit) {
  std::string rest;
  std::string piece(kRecoveredAtOnce, '\0');
  while (true) {
    const ssize_t got = ::read(descriptor_.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return RoomError("cannot read", path_);
    if (got == 0) break;
    rest.append(piece, 0, static_cast<std::size_t>(got));
    const Result<std::size_t> whole = VisitLines(&rest, visit);
    if (!whole) return whole.error();
    size_ += *whole;
  }
  if (rest.empty() || ::ftruncate(descriptor_.get(), static_cast<off_t>(size_)) == 0) return Ok{};
  return RoomError("cannot shorten", path_);
}

Status LineFile::TakeBack(std::uint64_t size) {
  if (::ftruncate(descriptor_.get(), static_cast<off_t>(size)) == 0) {
    size_ = size;
    return Ok{};
  }
  Error unknown = RoomError("cannot shorten", path_);
  unknown.code = ErrorCode::kInternal;
  return unknown;
}

Status LineFile::Append(std::string_view lines) {
  Status written = WriteDurably(descriptor_.get(), lines, path_);
  if (written) {
    size_ += lines.size();
    return written;
  }
  Status back = TakeBack(size_);
  return back ? std::move(written) : std::move(back);
}

}  // namespace moerge
