// The folder with the content of files that clients uploaded and jobs made, one file each, named by
// its id. Blocking. What is known of files is in the JobStore.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge {

class FileRoom {
 public:
  // Beside the store: PATH.files for "sqlite:PATH", else a folder that goes with this object.
  explicit FileRoom(const std::string& store_url);
  ~FileRoom();
  FileRoom(const FileRoom&) = delete;
  FileRoom& operator=(const FileRoom&) = delete;

  const std::string& folder() const { return folder_; }
  // REQUIRES: `id` is one of ours (letters, digits, - and _).
  std::string PathOf(std::string_view id) const;

  // On the disk when it returns; the whole of it or nothing. Error: kUnavailable, what the system
  // says.
  Status Write(std::string_view id, std::string_view content);
  Result<std::string> Read(std::string_view id) const;  // error: kNotFound
  Result<std::int64_t> Size(std::string_view id) const;
  void Remove(std::string_view id);

 private:
  Status Make();

  std::string folder_;
  bool temporary_ = false;
};

}  // namespace moerge
