#include "services/cli/file_transfer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "config/base/random.h"
#include "config/base/system_error.h"

namespace moerge::cli {
namespace {

// A file's content, which the kernel reads as it is sent.
class MappedFile {
 public:
  static Result<MappedFile> Open(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return SystemError(ErrorCode::kNotFound, "cannot read", path);
    struct stat status {};
    const bool known = ::fstat(descriptor, &status) == 0;
    const auto size = static_cast<std::size_t>(known ? status.st_size : 0);
    void* content = nullptr;
    if (known && S_ISREG(status.st_mode) && size > 0) {
      content = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    }
    Error refused = SystemError(ErrorCode::kNotFound, "cannot read", path);
    ::close(descriptor);
    if (known && !S_ISREG(status.st_mode)) {
      return Error{ErrorCode::kInvalid, path + " is no file: a batch is read from a file"};
    }
    if (!known || content == MAP_FAILED) return refused;
    return MappedFile(static_cast<const char*>(content), size);
  }
  MappedFile(MappedFile&& other) noexcept : data_(other.data_), size_(other.size_) {
    other.data_ = nullptr;
  }
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
  }

  std::string_view content() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, std::size_t size) : data_(data), size_(size) {}

  const char* data_;
  std::size_t size_;
};

// As a quoted parameter; what would end it is left out.
std::string FormName(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  std::erase_if(name, [](char c) { return c == '"' || c == '\\' || c == '\r' || c == '\n'; });
  return name;
}

}  // namespace

Result<std::string> UploadFile(const ServerAddress& server, const std::string& path) {
  Result<MappedFile> file = MappedFile::Open(path);
  if (!file) return std::move(file).error();
  const std::string boundary = "moerge-" + RandomId();
  const std::string mark = "--" + boundary;
  const std::string head = mark +
                           "\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n" +
                           mark + "\r\ncontent-disposition: form-data; name=\"file\"; filename=\"" +
                           FormName(path) + "\"\r\n\r\n";
  const std::string tail = "\r\n" + mark + "--\r\n";
  const ApiRequest request{.method = "POST",
                           .path = "/v1/files",
                           .body = {head, file->content(), tail},
                           .content_type = "multipart/form-data; boundary=" + boundary,
                           .patience = std::chrono::hours(1)};
  return CallApi(server, request);
}

Status Download(const ServerAddress& server, std::string_view path,
                const std::function<Status(std::string_view)>& take) {
  const ApiRequest request{.method = "GET", .path = std::string(path), .take = take};
  const Result<std::string> rest = CallApi(server, request);
  return rest ? Status(Ok{}) : Status(rest.error());
}

}  // namespace moerge::cli
