// The two files that a batch writes, answers and failures, which are its journal too: a line that
// is in one of them is done. Blocking, one call after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/result.h"
#include "services/jobs/batch.h"
#include "services/jobs/file_room.h"
#include "services/jobs/line_file.h"

namespace moerge {

class BatchOutput {
 public:
  // Opens both files and finds what is in them; a line that a crash cut short is taken away. The
  // files are locked until the object goes. Errors: kConflict, another process has them open;
  // kUnavailable, what the system says.
  static Result<std::shared_ptr<BatchOutput>> Open(const FileRoom& room, const std::string& answers,
                                                   const std::string& failures);
  BatchOutput(const BatchOutput&) = delete;
  BatchOutput& operator=(const BatchOutput&) = delete;

  // Whether the line of that number is done. REQUIRES: no Append is under way.
  bool Has(std::int64_t line) const;
  std::int64_t answered() const { return answers_.lines; }  // lines, when it was opened
  std::int64_t failures() const { return failures_.lines; }
  // Calls that its lines took, by expert; `planned` is 0. Also when it was opened.
  const std::vector<ExpertProgress>& calls() const { return calls_; }

  // Whole lines, on the disk when it returns. Errors: kUnavailable, none of them is there, and it
  // can be tried again (507: a full disk); kInternal, that is not known.
  Status Append(std::string_view answers, std::string_view failures);

 private:
  // One of the two.
  struct File {
    LineFile journal;
    std::int64_t lines = 0;
  };
  BatchOutput(LineFile answers, LineFile failures)
      : answers_{std::move(answers)}, failures_{std::move(failures)} {}
  Status Recover(File* file);
  Status Take(std::string_view line, File* file);

  File answers_;
  File failures_;
  std::vector<bool> done_;  // by number
  std::vector<ExpertProgress> calls_;
};

}  // namespace moerge
