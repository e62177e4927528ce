#include "services/jobs/file_room.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "config/base/random.h"

namespace moerge {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kGrowing = ".part";  // the name's end of what is not kept
constexpr std::int64_t kSyncEvery = 32 << 20;

Error ContentGone(std::string_view id) {
  return Error{ErrorCode::kNotFound, "the content of `" + std::string(id) + "` is gone"};
}

}  // namespace

Error RoomError(std::string_view action, const std::string& path) {
  const int why = errno;
  Error error{.code = ErrorCode::kUnavailable,
              .message = std::string(action) + " the file: " + std::strerror(why),
              .detail = path};
  if (why == ENOSPC || why == EDQUOT || why == EFBIG) {
    error.message += "; remove files that are no longer needed, or give moerge's disk more room";
    error.reason = "disk_full";
    error.status = 507;
  }
  return error;
}

Status WriteDurably(int descriptor, std::string_view text, const std::string& path) {
  if (text.empty()) return Ok{};
  for (std::string_view left = text; !left.empty();) {
    const ssize_t written = ::write(descriptor, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return RoomError("cannot write", path);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fdatasync(descriptor) != 0) return RoomError("cannot write", path);
  return Ok{};
}

Status SyncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return RoomError("cannot keep", path);
  Status synced = Ok{};
  if (::fsync(descriptor) != 0) synced = RoomError("cannot keep", path);
  ::close(descriptor);
  return synced;
}

GrowingFile::GrowingFile(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)) {}

GrowingFile::~GrowingFile() {
  if (!kept_) ::unlink((path_ + std::string(kGrowing)).c_str());
  ::close(descriptor_);
}

Status GrowingFile::Append(std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return RoomError("cannot write", path_);
    content.remove_prefix(static_cast<std::size_t>(written));
    size_ += written;
  }
  if (size_ - synced_ < kSyncEvery) return Ok{};
  synced_ = size_;
  if (::fdatasync(descriptor_) != 0) return RoomError("cannot write", path_);
  return Ok{};
}

Status GrowingFile::Keep() {
  const std::string growing = path_ + std::string(kGrowing);
  if (::fsync(descriptor_) != 0) return RoomError("cannot write", path_);
  if (std::rename(growing.c_str(), path_.c_str()) != 0) return RoomError("cannot keep", path_);
  kept_ = true;
  return SyncFolderOf(path_);
}

ReadingFile::~ReadingFile() { ::close(descriptor_); }

Result<std::string> ReadingFile::Read(std::size_t most) {
  std::string piece(most, '\0');
  ssize_t got = 0;
  do {
    got = ::read(descriptor_, piece.data(), piece.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) return RoomError("cannot read", "");
  piece.resize(static_cast<std::size_t>(got));
  return piece;
}

FileRoom::FileRoom(const std::string& store_url) {
  temporary_ = !store_url.starts_with(kSqlite);
  folder_ = temporary_
                ? (std::filesystem::temp_directory_path() / ("moerge-files-" + RandomId())).string()
                : store_url.substr(kSqlite.size()) + ".files";
  RemoveLeftovers();
}

FileRoom::~FileRoom() {
  std::error_code ignored;
  if (temporary_) std::filesystem::remove_all(folder_, ignored);
}

// Of processes that died while a client uploaded: one that lives holds a lock.
void FileRoom::RemoveLeftovers() const {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, none)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(kGrowing)) continue;
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
    ::close(descriptor);
  }
}

std::string FileRoom::PathOf(std::string_view id) const { return folder_ + "/" + std::string(id); }

Result<std::shared_ptr<GrowingFile>> FileRoom::Begin(std::string_view id) const {
  // Prompts of clients are nobody else's business on the machine.
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
    return RoomError("cannot make the folder of", folder_);
  }
  const std::string path = PathOf(id);
  const std::string growing = path + std::string(kGrowing);
  while (true) {
    const int descriptor = ::open(growing.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return RoomError("cannot write", path);
    const std::shared_ptr<GrowingFile> file(new GrowingFile(descriptor, path));
    if (::flock(descriptor, LOCK_EX) != 0) return RoomError("cannot lock", path);
    // A process that starts may have taken it for a leftover before it was locked.
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return RoomError("cannot write", path);
    if (status.st_nlink > 0) return file;
  }
}

Result<std::shared_ptr<ReadingFile>> FileRoom::Open(std::string_view id) const {
  const std::string path = PathOf(id);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return ContentGone(id);
  if (descriptor < 0) return RoomError("cannot read", path);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    Error error = RoomError("cannot read", path);
    ::close(descriptor);
    return error;
  }
  return std::shared_ptr<ReadingFile>(new ReadingFile(descriptor, status.st_size));
}

Result<std::int64_t> FileRoom::Size(std::string_view id) const {
  std::error_code failed;
  const auto size = std::filesystem::file_size(PathOf(id), failed);
  if (failed) return ContentGone(id);
  return static_cast<std::int64_t>(size);
}

Status FileRoom::Share(std::string_view id, std::string_view as) const {
  if (::link(PathOf(id).c_str(), PathOf(as).c_str()) != 0 && errno == ENOENT) {
    return ContentGone(id);
  }
  return Ok{};
}

void FileRoom::Remove(std::string_view id) const { ::unlink(PathOf(id).c_str()); }

}  // namespace moerge
