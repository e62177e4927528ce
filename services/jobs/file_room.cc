#include "services/jobs/file_room.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "config/base/line_reader.h"
#include "config/base/random.h"
#include "config/base/system_error.h"

namespace moerge {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

}  // namespace

FileRoom::FileRoom(const std::string& store_url) {
  temporary_ = !store_url.starts_with(kSqlite);
  folder_ = temporary_
                ? (std::filesystem::temp_directory_path() / ("moerge-files-" + RandomId())).string()
                : store_url.substr(kSqlite.size()) + ".files";
}

FileRoom::~FileRoom() {
  std::error_code ignored;
  if (temporary_) std::filesystem::remove_all(folder_, ignored);
}

std::string FileRoom::PathOf(std::string_view id) const { return folder_ + "/" + std::string(id); }

// Prompts of clients are nobody else's business on the machine.
Status FileRoom::Make() {
  if (::mkdir(folder_.c_str(), 0700) == 0 || errno == EEXIST) return Ok{};
  return SystemError(ErrorCode::kUnavailable, "cannot make", folder_);
}

Status FileRoom::Write(std::string_view id, std::string_view content) {
  if (Status made = Make(); !made.ok()) return made;
  Status written = WriteFileAtomically(PathOf(id), content);
  if (written.ok()) return written;
  Error error = written.error();
  error.code = ErrorCode::kUnavailable;
  return error;
}

Result<std::string> FileRoom::Read(std::string_view id) const {
  std::ifstream file(PathOf(id), std::ios::binary);
  std::ostringstream content;
  if (file) content << file.rdbuf();
  if (!file) {
    return Error{ErrorCode::kNotFound, "the content of `" + std::string(id) + "` is gone"};
  }
  return std::move(content).str();
}

Result<std::int64_t> FileRoom::Size(std::string_view id) const {
  std::error_code failed;
  const auto size = std::filesystem::file_size(PathOf(id), failed);
  if (failed)
    return Error{ErrorCode::kNotFound, "the content of `" + std::string(id) + "` is gone"};
  return static_cast<std::int64_t>(size);
}

void FileRoom::Remove(std::string_view id) { ::unlink(PathOf(id).c_str()); }

}  // namespace moerge
