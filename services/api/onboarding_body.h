// Bodies that bring samples: of one expert, or of a task that several experts were tried on.
// Thread-safe, pure. Errors: kInvalid with `param`, for example "samples[3].score".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"
#include "config/base/result.h"
#include "registry/snapshot.h"
#include "registry/table_parser.h"

namespace moerge::api {

inline constexpr std::size_t kMaxSamples = 1000;  // of one request

// One request and how well one expert answered it.
struct ExpertSample {
  std::string prompt;
  std::string skill;  // empty: the classifier says
  double score = 0;   // 0..1; of `answer` and `reference`: 1 if they are the same
};

// [{"prompt", "score" | "answer" and "reference", "skill"?}, ...]
Result<std::vector<ExpertSample>> ReadSamples(json::Value samples, const Snapshot& snapshot);

// Whether an answer is the reference: without regard to case, white space at the ends and a last
// full stop; an answer of several words also if its last word is the reference, brackets aside.
bool SameAnswer(std::string_view answer, std::string_view reference);

struct TaskBody {
  std::string name;  // of the skill that the task becomes
  std::string description;
  std::vector<TableRow> samples;  // ids and lines count from 1
  std::size_t experts = 3;        // wanted, 1..64
  bool dry_run = false;           // answer only; nothing is kept
};
// {"name", "description"?, "samples": [{"prompt", "reference"?, "scores"? {expert: 0..1},
// "answers"? {expert: text}}], "experts"?, "dry_run"?}; scores that are missing come from answers.
Result<TaskBody> ReadTask(std::string_view body);

}  // namespace moerge::api
