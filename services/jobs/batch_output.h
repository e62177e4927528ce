// The two files that a batch writes, answers and failures, which are its journal too: a line that
// is in one of them is done. Blocking, one call after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "services/jobs/file_room.h"

namespace moerge {

class BatchOutput {
 public:
  // Opens both files and finds what is in them; a line that a crash cut short is taken away.
  // Error: kUnavailable, what the system says.
  static Result<std::shared_ptr<BatchOutput>> Open(FileRoom& room, const std::string& answers,
                                                   const std::string& failures);
  BatchOutput(const BatchOutput&) = delete;
  BatchOutput& operator=(const BatchOutput&) = delete;
  ~BatchOutput();

  // Whether the line of that number is done. REQUIRES: no Append is under way.
  bool Has(std::int64_t line) const;
  std::int64_t answered() const { return answered_; }  // lines that were there when it was opened
  std::int64_t failures() const { return failures_; }

  // Whole lines, on the disk when it returns. Error: kUnavailable; nothing is known of them then.
  Status Append(std::string_view answers, std::string_view failures);

 private:
  BatchOutput() = default;
  Result<std::int64_t> Recover(int descriptor, const std::string& path);

  int answers_file_ = -1;
  int failures_file_ = -1;
  std::vector<bool> done_;  // by number
  std::int64_t answered_ = 0;
  std::int64_t failures_ = 0;
};

}  // namespace moerge
