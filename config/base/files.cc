#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "config/base/line_reader.h"
#include "config/base/system_error.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxFile = 64 << 20;

// Closes at the end of its scope; Close() tells whether the system kept everything.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Close(); }

  int number() const { return number_; }
  bool Close() { return number_ < 0 || ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

bool WriteAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// What the file's permissions are or, if it is new, would be.
mode_t Permissions(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return status.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

bool WriteTemporary(int descriptor, mode_t mode, std::string_view content) {
  Descriptor file(descriptor);
  return ::fchmod(file.number(), mode) == 0 && WriteAll(file.number(), content) &&
         ::fsync(file.number()) == 0 && file.Close();
}

// A link stays a link: what it points to is replaced.
std::string Target(const std::string& path) {
  std::error_code error;
  const auto resolved = std::filesystem::canonical(path, error);
  return error ? path : resolved.string();
}

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return SystemError(ErrorCode::kNotFound, "cannot read", path);
  std::string content;
  char buffer[64 << 10];
  while (true) {
    const ssize_t got = ::read(file.number(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(ErrorCode::kNotFound, "cannot read", path);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > kMaxFile) {
      return Error{ErrorCode::kTooLarge, "cannot read " + path + ": longer than 64 MiB"};
    }
  }
}

Status WriteFileAtomically(const std::string& path, std::string_view content) {
  const std::string target = Target(path);
  std::string temporary = target + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return SystemError(ErrorCode::kInternal, "cannot write", path);
  if (WriteTemporary(descriptor, Permissions(target), content) &&
      std::rename(temporary.c_str(), target.c_str()) == 0) {
    return Ok{};
  }
  Error error = SystemError(ErrorCode::kInternal, "cannot write", path);
  ::unlink(temporary.c_str());
  return error;
}

}  // namespace moerge
