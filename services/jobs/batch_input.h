// The file that a batch reads. Blocking; memory does not grow with the file but by 16 bytes a line
// while it is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/base/line_reader.h"
#include "config/base/result.h"
#include "services/jobs/batch_lines.h"
#include "services/jobs/batch_output.h"
#include "services/jobs/batch_plan.h"
#include "services/jobs/id_set.h"

namespace moerge {

// What a batch reads, and how.
struct BatchInput {
  std::string path;
  std::string endpoint;
  std::size_t max_line = LineReader::kMaxLine;  // bytes
};

// Of one look through all lines.
struct BatchValidation {
  std::int64_t lines = 0;
  std::vector<BatchFault> faults;  // the first hundred
};

// Whether each line is one, with a custom_id of its own: one look through the file, some lines at a
// time.
class BatchCheck {
 public:
  // Error: the file cannot be read.
  static Result<std::shared_ptr<BatchCheck>> Open(const BatchInput& input);
  BatchCheck(LineReader reader, const BatchInput& input);

  // Reads at most so many bytes more, roughly; false: that was all. Error: the file cannot be read.
  Result<bool> Step(std::size_t most_bytes);
  const BatchValidation& found() const { return found_; }

 private:
  void Check(const std::string& text);
  bool End();

  LineReader reader_;
  const BatchInput input_;
  IdSet ids_;
  BatchValidation found_;
};

// The lines that are still to do, some at a time.
class BatchLineSource {
 public:
  // Error: the file cannot be read.
  static Result<std::shared_ptr<BatchLineSource>> Open(const BatchInput& input);
  BatchLineSource(LineReader reader, const BatchInput& input)
      : reader_(std::move(reader)), input_(input) {}
  ~BatchLineSource();
  BatchLineSource(const BatchLineSource&) = delete;
  BatchLineSource& operator=(const BatchLineSource&) = delete;

  // Whether lines can be found by their place.
  bool CanFollow() const { return !reader_.packed(); }
  // From now on the lines of `plan`, in its order. Error: the file cannot be read.
  // REQUIRES: CanFollow().
  Status Follow(std::shared_ptr<const BatchPlan> plan);

  // At most `most` and roughly `most_bytes`, without those that `output` had when it was opened
  // (null: all); none: there are no more.
  Result<std::deque<BatchLine>> Next(std::size_t most, std::size_t most_bytes,
                                     const BatchOutput* output);

 private:
  // Nothing: there are no more.
  Result<std::optional<std::string>> NextText(LinePlace* place);
  Result<std::optional<std::string>> NextPlanned(LinePlace* place);

  LineReader reader_;
  const BatchInput input_;
  std::shared_ptr<const BatchPlan> plan_;
  std::size_t planned_ = 0;  // lines of it that were read
  int descriptor_ = -1;      // for them
};

}  // namespace moerge
