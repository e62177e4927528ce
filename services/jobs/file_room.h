// The folder with the content of files that clients uploaded and jobs made, one file each, named by
// its id. Blocking. What is known of files is in the JobStore.
//
// What clients see of an error names no path; that is its detail.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge {

// A file as it comes into being: not there for anybody until it is kept. Not thread-safe.
class GrowingFile {
 public:
  ~GrowingFile();  // removes what was not kept
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  // Synced to the disk now and then, so that Keep takes no long time. Errors: kUnavailable (507, a
  // full disk), what the system says.
  Status Append(std::string_view content);
  // Whole, on the disk, under its id. Errors: as Append's.
  Status Keep();
  std::int64_t size() const { return size_; }

 private:
  friend class FileRoom;
  GrowingFile(int descriptor, std::string path);

  const int descriptor_;
  const std::string path_;  // once it is kept
  std::int64_t size_ = 0;
  std::int64_t synced_ = 0;
  bool kept_ = false;
};

// A file that is read from its begin to its end, whether it is removed meanwhile or not. Not
// thread-safe.
class ReadingFile {
 public:
  ~ReadingFile();
  ReadingFile(const ReadingFile&) = delete;
  ReadingFile& operator=(const ReadingFile&) = delete;

  std::int64_t size() const { return size_; }  // when it was opened
  // The next bytes, at most `most`; none: the end. Error: kUnavailable.
  Result<std::string> Read(std::size_t most);

 private:
  friend class FileRoom;
  ReadingFile(int descriptor, std::int64_t size) : descriptor_(descriptor), size_(size) {}

  const int descriptor_;
  const std::int64_t size_;
};

class FileRoom {
 public:
  // Beside the store: PATH.files for "sqlite:PATH", else a folder that goes with this object. What
  // uploads of dead processes have left there is removed.
  explicit FileRoom(const std::string& store_url);
  ~FileRoom();
  FileRoom(const FileRoom&) = delete;
  FileRoom& operator=(const FileRoom&) = delete;

  const std::string& folder() const { return folder_; }
  // REQUIRES: `id` is one of ours (letters, digits, - and _).
  std::string PathOf(std::string_view id) const;

  // Error: as GrowingFile's.
  Result<std::shared_ptr<GrowingFile>> Begin(std::string_view id) const;
  // Errors: kNotFound; kUnavailable.
  Result<std::shared_ptr<ReadingFile>> Open(std::string_view id) const;
  Result<std::int64_t> Size(std::string_view id) const;  // error: kNotFound
  // A second name of a file, which is there until it is removed itself; nothing where the system
  // knows no such names. Error: kNotFound.
  Status Share(std::string_view id, std::string_view as) const;
  void Remove(std::string_view id) const;

 private:
  void RemoveLeftovers() const;

  std::string folder_;
  bool temporary_ = false;
};

// Appends all of it; it is on the disk when it returns. Error: RoomError; part of it may be there.
Status WriteDurably(int descriptor, std::string_view text, const std::string& path);
// What a folder lists is on the disk only once the folder is: after a file was made there.
Status SyncFolderOf(const std::string& path);

// What the system refused of a file of the room, by errno: a full disk is 507 and says so. `action`
// such as "cannot write".
Error RoomError(std::string_view action, const std::string& path);

}  // namespace moerge
