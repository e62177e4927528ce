// From a results table to a change of the registry, and what it teaches. Thread-safe, pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "registry/snapshot.h"
#include "registry/store.h"
#include "registry/table_parser.h"

namespace moerge {

// What the table says about one skill.
struct SkillSummary {
  std::string skill;
  std::size_t rows = 0;
  std::size_t trials = 0;   // scores: rows times the experts measured on each
  double mean = 0;          // of all scores
  std::string best_expert;  // highest mean; of equal ones the one with more trials, then by name
  double best_mean = 0;
  bool created = false;  // the skill is new
};

struct ProfileReport {
  std::string source;
  std::size_t rows = 0;
  std::vector<SkillSummary> skills;          // by name
  std::vector<std::string> new_skills;       // by name
  std::vector<std::string> known_experts;    // by name
  std::vector<std::string> unknown_experts;  // by name; their evidence waits until they are added
  std::vector<std::string> warnings;         // rows that teach nothing, and why
};

struct ProfileImport {
  StoreChange change;  // replaces all that `source` said before
  ProfileReport report;
};

// Rows without a category count for the experts' strength at "general"; those whose category cannot
// be a skill's name are left out with a warning.
ProfileImport ImportProfile(const std::vector<TableRow>& rows, const Snapshot& snapshot,
                            const std::string& source, WallTime now);

// Fills in what `change` teaches about skills and experts.
void Describe(const StoreChange& change, const Snapshot& snapshot, ProfileReport* report);

// "import:mmlu.jsonl" for "/data/mmlu.jsonl".
std::string ImportSource(std::string_view path);

}  // namespace moerge
