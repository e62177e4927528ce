// A file that grows by whole lines and is a journal: a line that is in it is on the disk. Blocking;
// not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "config/base/descriptor.h"
#include "config/base/result.h"

namespace moerge {

class LineFile {
 public:
  // Makes it where it is missing and locks it until the object goes. Errors: kConflict, another one
  // has it open; kUnavailable, what the system says.
  static Result<LineFile> Open(std::string path);

  // All lines there are, without their ends; what a crash cut short is taken away. Once, before
  // Append. Errors: of `visit`, which ends it; kUnavailable.
  Status Recover(const std::function<Status(std::string_view)>& visit);
  // Whole lines, with their ends. Errors: kUnavailable, none of them is there, and it can be tried
  // again (507: a full disk); kInternal, that is not known.
  Status Append(std::string_view lines);
  const std::string& path() const { return path_; }
  // Bytes of whole lines. 0 until Recover, of a file that was there.
  std::uint64_t size() const { return size_; }
  // Ends it where it ended when it was of that size: what was appended since is gone. Error:
  // kInternal, that is not known. REQUIRES: size <= size()
  Status TakeBack(std::uint64_t size);

 private:
  LineFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Descriptor descriptor_;
  std::string path_;
  std::uint64_t size_ = 0;
};

}  // namespace moerge
