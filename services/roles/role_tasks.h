// Synthetic tasks by which experts show how well they write one answer of several, or judge: the
// questions of a results table, each with one right answer and several wrong ones.
//
// After Symbolic-MoE (Chen et al. 2025), which picks its aggregator so. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "registry/table_reader.h"

namespace moerge {

struct RoleTask {
  std::string id;  // of the row
  std::string category;
  std::string question;
  std::string reference;             // the right final answer (final_answer.h)
  std::vector<std::string> answers;  // as experts' answers are shown to a reader; two or more
  std::size_t right = 0;             // place of the right one
};

struct RoleTaskOptions {
  std::size_t per_category = 20;
  std::size_t wrong = 3;  // at most so many wrong answers
  std::uint64_t seed = 1;
};

struct RoleTasks {
  std::vector<RoleTask> tasks;                  // by category, then in the order drawn
  std::map<std::string, std::size_t> left_out;  // rows that make no task, by why
};

// Rows are drawn by seed and id: the order of the table does not matter, and a larger
// `per_category` adds tasks to a smaller one's. Wrong answers are final answers of different
// experts that were scored wrong, the more frequent ones more often; where the table has no
// answers, other letters of the question's options. The right one stands equally often at each
// place.
RoleTasks MakeRoleTasks(const std::vector<TableRow>& rows, const RoleTaskOptions& options);

}  // namespace moerge
