// The lines of a batch's files: what a client asks, and what it gets. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/jobs/batch.h"
#include "services/jobs/batch_plan.h"

namespace moerge {

// One line of an input file, checked.
struct BatchLine {
  std::int64_t number = 0;  // from 1
  std::string custom_id;
  std::string body;  // JSON
  LinePlace place = {};
};

// Errors as a fault of that line: it is no JSON object, has no custom_id, another method or url.
struct LineOrFault {
  std::optional<BatchLine> line;
  std::optional<BatchFault> fault;
};
LineOrFault ParseBatchLine(std::string_view text, std::int64_t number, std::string_view endpoint);

// A call of an expert that was made for a line.
struct LineCall {
  std::string_view expert;  // its name, which lives for ever
  bool answered = false;
};

// What became of one. `status` 0: it was not answered, and `error_code` says why.
struct LineResult {
  int status = 0;
  std::string request_id;
  std::string body;  // JSON
  std::string_view error_code = {};
  std::string error_message = {};
  std::vector<LineCall> calls = {};  // of all its tries

  bool answered() const { return status == 200; }
};
// Counts them, as NoteCalls of batch.h.
void NoteCalls(const std::vector<LineCall>& calls, std::vector<ExpertProgress>* experts);
// With its end. The line's number is part of its id, so that a file tells which lines are in it,
// and its calls are at its end: "moerge":{"calls":[{"expert":"ada","answered":2,"failed":1}]}.
std::string OutputLine(std::string_view batch, const BatchLine& line, const LineResult& result);

// The number of the line that an output line is of; 0: it is none, or not whole.
std::int64_t NumberOfOutput(std::string_view text);
// The calls that an output line tells of, by expert; `planned` is 0.
std::vector<ExpertProgress> CallsOfOutput(std::string_view text);

}  // namespace moerge
