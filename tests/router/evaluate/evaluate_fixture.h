// A table in which everything is known: two subjects, a specialist for each, a generalist in
// between.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/base/random.h"
#include "registry/table_parser.h"
#include "router/evaluate/leaderboard.h"

namespace moerge::test {

// Each question has one right answer, "r"; wrong answers of different experts differ. The
// generalist costs the most. `rows` alternate between the subjects.
inline std::vector<TableRow> TwoSubjects(std::size_t rows, std::uint64_t seed = 5) {
  Random random(seed);
  std::vector<TableRow> table;
  for (std::size_t i = 0; i < rows; ++i) {
    const bool chess = i % 2 == 0;
    TableRow row;
    row.id = "q" + std::to_string(i);
    row.prompt = chess ? "The rook and the bishop attack the king in position "
                       : "The enzyme and the membrane bind the protein in cell ";
    row.prompt += std::to_string(random.Below(100000)) + std::string(random.Below(20), 'x');
    row.category = chess ? "chess" : "biology";
    row.reference = "r";
    const auto add = [&](const std::string& name, double chance, double price) {
      const bool right = random.Uniform() < chance;
      row.scores.emplace_back(name, right ? 1 : 0);
      row.answers.emplace_back(name, right ? "r" : "w-" + name);
      row.cost.emplace_back(name, price);
    };
    add("biologist", chess ? 0.2 : 0.9, 1);
    add("generalist", 0.7, 10);
    add("player", chess ? 0.9 : 0.2, 2);
    table.push_back(std::move(row));
  }
  return table;
}

// The row of this name of a board.
inline const Standing& Row(const Leaderboard& board, std::string_view name) {
  for (const Standing& each : board.standings) {
    if (each.contestant.name == name) return each;
  }
  ADD_FAILURE() << "no row " << name;
  return board.standings.front();
}

}  // namespace moerge::test
