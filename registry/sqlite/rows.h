// The two blobs of the store. Thread-safe, pure.
//
// cells: for every skill, ascending by its number in the database's dictionary: the difference to
// the number before, wins, trials. scores: for every expert: its number, the score.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/compact.h"
#include "registry/ids.h"

namespace moerge::sqlite {

struct NumberedCell {
  std::uint64_t skill;  // number in the dictionary
  float wins;
  float trials;
};

// REQUIRES: ascending by skill.
inline std::string EncodeCells(const std::vector<NumberedCell>& cells) {
  std::string bytes;
  bytes.reserve(cells.size() * 4);
  std::uint64_t before = 0;
  for (const NumberedCell& cell : cells) {
    compact::AppendInt(cell.skill - before, &bytes);
    compact::AppendNumber(cell.wins, &bytes);
    compact::AppendNumber(cell.trials, &bytes);
    before = cell.skill;
  }
  return bytes;
}

// Calls visit(number, wins, trials) for every cell. False: damaged.
template <class Visit>
bool DecodeCells(std::string_view bytes, const Visit& visit) {
  compact::Reader reader(bytes);
  std::uint64_t skill = 0;
  while (!reader.AtEnd()) {
    skill += reader.Int();
    const float wins = reader.Number<float>();
    const float trials = reader.Number<float>();
    if (!reader.ok() || !visit(skill, wins, trials)) return false;
  }
  return reader.ok();
}

using NumberedScores = std::vector<std::pair<std::uint64_t, double>>;

inline std::string EncodeScores(const NumberedScores& scores) {
  std::string bytes;
  for (const auto& [expert, score] : scores) {
    compact::AppendInt(expert, &bytes);
    compact::AppendNumber(score, &bytes);
  }
  return bytes;
}

// False: damaged.
template <class Visit>
bool DecodeScores(std::string_view bytes, const Visit& visit) {
  compact::Reader reader(bytes);
  while (!reader.AtEnd()) {
    const std::uint64_t expert = reader.Int();
    const double score = reader.Number<double>();
    if (!reader.ok() || !visit(expert, score)) return false;
  }
  return reader.ok();
}

}  // namespace moerge::sqlite
