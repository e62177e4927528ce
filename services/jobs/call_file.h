// The files beside a batch with what experts replied to calls of lines that are not done yet, as
// they came in. A file is removed when all lines that it speaks of are done, so that they hold what
// is under way and no more. Blocking, one call after the other.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "services/jobs/batch_output.h"
#include "services/jobs/file_room.h"
#include "services/jobs/line_file.h"

namespace moerge {

// A reply of a call of one line, in one of the files.
struct KeptCallPlace {
  std::int64_t line = 0;  // of the batch's input, from 1
  std::string key;        // of the call among those of its line
  std::uint32_t file = 0;
  std::uint32_t size = 0;  // bytes
  std::uint64_t offset = 0;
};

class CallFile {
 public:
  // Of the batch: finds what is kept for lines that `done` has not, and removes files that are of
  // no use. A record that a crash cut short ends its file; no file of before is appended to.
  // Errors: kUnavailable, what the system says. REQUIRES: no other process has the batch's files.
  struct Opened;
  static Result<Opened> Open(const FileRoom& room, const std::string& batch,
                             const BatchOutput& done);
  CallFile(const CallFile&) = delete;
  CallFile& operator=(const CallFile&) = delete;

  // One record, to be appended.
  static std::string Record(std::int64_t line, std::string_view key, std::string_view reply);
  // Whole records, on the disk when it returns: where the first begins. Errors: as LineFile's.
  struct Place {
    std::uint32_t file = 0;
    std::uint64_t offset = 0;
  };
  Result<Place> Append(std::string_view records);
  // The reply in a record, as it was given. Errors: kUnavailable; kInternal, it is damaged.
  Result<std::string> Read(const KeptCallPlace& place) const;
  // No line that it speaks of needs it. REQUIRES: file < current()
  void Remove(std::uint32_t file);
  // Appended to now, or by the next Append.
  std::uint32_t current() const { return current_; }
  // All of them, those of another process among them.
  static void RemoveAll(const FileRoom& room, const std::string& batch);

 private:
  CallFile(const FileRoom& room, std::string batch) : room_(room), batch_(std::move(batch)) {}
  std::string PathOf(std::uint32_t file) const;
  Status Recover(std::uint32_t file, const BatchOutput& done,
                 std::vector<KeptCallPlace>* kept) const;
  Status Begin();

  const FileRoom& room_;
  const std::string batch_;
  std::uint32_t current_ = 0;
  std::optional<LineFile> file_;  // the current one; none: nothing was appended to it yet
};

struct CallFile::Opened {
  std::shared_ptr<CallFile> file;
  std::vector<KeptCallPlace> kept;
};

}  // namespace moerge
