// A run of an evaluation as it stands, and as it is kept. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/audit.h"
#include "registry/job_store.h"
#include "services/evaluate/exam.h"

namespace moerge {

inline constexpr std::string_view kEvaluationKind = "evaluation";  // of record

struct EvaluationOrder {
  std::vector<std::string> experts;
  std::vector<ExamQuestion> questions;
  std::string source;    // of the profiles; again under it replaces
  bool import = true;    // put them in force at the end
  int at_once = 8;       // calls, 1..256
  ChangeAuthor by = {};  // whose calls and whose change they are
};

struct Evaluation {
  static constexpr std::string_view kCancelling = "cancelling";

  std::string id;
  // "running", kCancelling (calls are under way still), "completed", "cancelled", "failed"
  std::string status = "running";
  std::string source;
  std::string error;  // why it failed
  ChangeAuthor by;
  bool import = true;
  int at_once = 8;
  std::size_t questions = 0;
  std::vector<std::string> experts;
  std::vector<Exam::Tally> tallies;  // by expert
  WallTime started;
  std::optional<WallTime> finished;
  std::optional<std::uint64_t> revision;  // with its profiles in force

  bool over() const { return status != "running" && status != kCancelling; }
};

// A new one of that order.
Evaluation BeginEvaluation(const EvaluationOrder& order);
// As one that can be claimed until it is over.
JobRecord RecordOf(const Evaluation& evaluation);
// Error: kInternal, the record is damaged.
Result<Evaluation> EvaluationOf(const JobRecord& record);

}  // namespace moerge
