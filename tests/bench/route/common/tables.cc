#include "tests/bench/route/common/tables.h"

#include <cstdio>

#include "registry/table_reader.h"

namespace moerge {

const Names& MidPool() {
  static const Names pool = {"Meta-Llama-3_1-8B-Instruct",
                             "Phi-3-mini-4k-instruct",
                             "mathstral-7B",
                             "Mixtral-8x7B-Instruct-v0.1",
                             "Yi-34B",
                             "c4ai-command-r-v01",
                             "Qwen1.5-72B-Chat",
                             "Meta-Llama-3-70B",
                             "Qwen1.5-110B",
                             "jamba-1.5-large"};
  return pool;
}

const Names& SmallPool() {
  static const Names pool = {"Meta-Llama-3_1-8B-Instruct",
                             "Phi-3-mini-4k-instruct",
                             "mathstral-7B",
                             "Mistral-7B-Instruct-v0.2",
                             "Qwen1.5-7B-Chat",
                             "Yi-6b-Chat",
                             "gemma-7b",
                             "Meta-Llama-3-8B",
                             "Meta-Llama-3_1-8B",
                             "Mistral-7B-v0.1",
                             "Yi-6B",
                             "Llama-2-13b-hf"};
  return pool;
}

std::optional<std::vector<TableRow>> ReadRows(const std::string& folder, const std::string& file) {
  Result<Table> table = ReadTable(folder + "/" + file);
  if (table && !table->rows.empty()) return std::move(table->rows);
  std::fprintf(stderr, "%s\n", table ? "no rows" : table.error().message.c_str());
  return std::nullopt;
}

double ScoreOf(const TableRow& row, std::string_view expert) {
  for (const auto& [name, score] : row.scores) {
    if (name == expert) return score;
  }
  return 0;
}

Parts PartsOf(const std::vector<TableRow>& rows, const Fold& fold) {
  Parts parts;
  for (const std::uint32_t row : fold.train) parts.train.push_back(rows[row]);
  for (const std::uint32_t row : fold.test) parts.test.push_back(rows[row]);
  return parts;
}

}  // namespace moerge
