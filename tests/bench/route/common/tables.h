// What the benches of routing share: the pools of experts that figures are given for, the tables
// and how they are parted into rows to learn from and rows to judge by. Pure but for ReadRows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/table_parser.h"
#include "router/evaluate/split.h"

namespace moerge {

using Names = std::vector<std::string>;

const Names& MidPool();    // ten models of 4 to 110 billion parameters
const Names& SmallPool();  // twelve, of 13 billion at most

// The usual table of a folder, and any other by its file's name. Says on stderr why there is none.
std::optional<std::vector<TableRow>> ReadRows(const std::string& folder,
                                              const std::string& file = "mmlu_pro_train.jsonl.gz");

// 0 where none is recorded.
double ScoreOf(const TableRow& row, std::string_view expert);

struct Parts {
  std::vector<TableRow> train;
  std::vector<TableRow> test;
};
Parts PartsOf(const std::vector<TableRow>& rows, const Fold& fold);

}  // namespace moerge
