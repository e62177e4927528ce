// The file that a batch reads. Blocking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "config/base/line_reader.h"
#include "config/base/result.h"
#include "services/jobs/batch_lines.h"
#include "services/jobs/batch_output.h"

namespace moerge {

// Of one look through all lines.
struct BatchValidation {
  std::int64_t lines = 0;
  std::vector<BatchFault> faults;  // the first hundred
};
// Whether each line is one, with a custom_id of its own. Errors: the file cannot be read.
Result<BatchValidation> ValidateBatchFile(const std::string& path, const std::string& endpoint);

// The lines that are still to do, some at a time.
class BatchLineSource {
 public:
  // Error: the file cannot be read.
  static Result<std::shared_ptr<BatchLineSource>> Open(const std::string& path,
                                                       std::string endpoint);
  BatchLineSource(LineReader reader, std::string endpoint);

  // At most `most`, without those that `output` had when it was opened; none: there are no more.
  Result<std::deque<BatchLine>> Next(std::size_t most, const BatchOutput& output);

 private:
  LineReader reader_;
  std::string endpoint_;
};

}  // namespace moerge
