// A batch as clients see it (OpenAI's shape) and as it is kept. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"
#include "config/base/result.h"
#include "registry/job_store.h"
#include "registry/types.h"
#include "services/jobs/assigned_lines.h"

namespace moerge {

inline constexpr std::string_view kBatchKind = "batch";
inline constexpr std::string_view kFileKind = "file";

// Why a batch cannot be run, by line of its file.
struct BatchFault {
  std::string code;
  std::string message;
  std::string param = {};  // empty: null
  std::int64_t line = 0;   // 0: null
};

// How far a batch is with the calls of one expert, of lines that are on the disk.
struct ExpertProgress {
  std::string expert;
  std::int64_t planned = 0;  // calls that are expected; 0: not known
  std::int64_t answered = 0;
  std::int64_t failed = 0;  // calls, those that were tried again among them

  bool operator==(const ExpertProgress&) const = default;
};

// So many calls of the expert more, where it stands among these or at their end.
void NoteCalls(std::string_view expert, std::int64_t answered, std::int64_t failed,
               std::vector<ExpertProgress>* experts);

// Times are seconds since 1970; 0: that has not happened.
struct Batch {
  std::string id;
  std::string client;  // name of the key that made it; empty: open access
  std::string endpoint;
  std::string input_file;
  std::string output_file;  // ids that are there from the start; shown once there is such a file
  std::string error_file;
  std::string metadata = "null";  // JSON
  std::string status = "validating";
  std::int64_t created = 0, begun = 0, finalizing = 0, completed = 0, failed = 0, expired = 0,
               cancelling = 0, cancelled = 0, expires = 0;
  std::int64_t total = 0, answered = 0, failures = 0;  // lines
  std::vector<BatchFault> faults;
  std::vector<ExpertProgress> experts;  // in the order in which they were planned or asked
  AssignedLines assigned;               // whose policies assign them together
  double lines_per_second = 0;          // lately; 0: not known

  bool over() const;
  // What was counted of calls is what these say.
  void SetCalls(const std::vector<ExpertProgress>& counted);
  // None is to come of any expert, but for those of PlanCalls afterwards.
  void PlanNoCalls();
  // So many calls of the expert are to come.
  void PlanCalls(std::string_view expert, std::int64_t calls);
};

// The batch's own name of its input in the FileRoom, so that the client may remove the file.
inline std::string InputNameOf(std::string_view batch) { return std::string(batch) + "-input"; }

std::string KeptJson(const Batch& batch);
Result<Batch> ParseBatch(std::string_view kept);
// As one that can be claimed.
JobRecord RecordOf(const Batch& batch);
// As it is kept; its state is what counts, since a wish changes it before whoever works on the
// batch does. One without an id: its record is damaged.
Batch BatchOf(const JobRecord& record);
// What a client gets.
std::string BatchJson(const Batch& batch);

// A file as clients see it.
struct StoredFile {
  std::string id;
  std::string client;
  std::string name;
  std::string purpose;  // "batch", "batch_output"
  std::int64_t bytes = 0;
  std::int64_t created = 0;
};
std::string KeptJson(const StoredFile& file);
Result<StoredFile> ParseStoredFile(std::string_view kept);
JobRecord RecordOf(const StoredFile& file);
std::string FileJson(const StoredFile& file);

}  // namespace moerge
