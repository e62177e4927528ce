// Results tables as numbers, questions by experts: what baselines and policies are judged on.
// Immutable once made; any thread. Points into the rows it was made from, which must outlive it.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "registry/table_parser.h"

namespace moerge {

// In place of a score.
inline constexpr float kNotRecorded = std::numeric_limits<float>::quiet_NaN();

struct Questions {
  std::vector<std::string> experts;   // ascending
  std::vector<const TableRow*> rows;  // each has a score of one of the experts at least
  std::vector<float> scores;          // by row, then expert; kNotRecorded: none
  std::vector<float> prices;          // likewise, USD per million tokens; 0: not recorded
  std::vector<std::int32_t> answers;  // likewise; equal answers of a row have equal numbers;
                                      // -1: empty or not recorded
  bool has_answers = false;           // any row has two or more
  bool has_prices = false;
  bool has_categories = false;

  std::size_t size() const { return rows.size(); }
  std::size_t At(std::size_t row, std::size_t expert) const {
    return row * experts.size() + expert;
  }
  bool Recorded(std::size_t row, std::size_t expert) const {
    const float score = scores[At(row, expert)];
    return score == score;
  }
  // The first of `order` that has a score; REQUIRES: `order` holds every expert.
  std::uint32_t FirstRecorded(std::size_t row, std::span<const std::uint32_t> order) const;
};

// Leaves the rows without a score of `experts`, which are ascending, and says how many went.
std::size_t DropUnscored(const std::vector<std::string>& experts, std::vector<TableRow>* rows);

// Question i is row i. REQUIRES: each row has a score of `experts`, which are ascending.
Questions Tabulate(const std::vector<TableRow>& rows, const std::vector<std::string>& experts);

// Means over `members` (indices of questions) by expert; experts without a score there get `none`.
std::vector<double> MeanScores(const Questions& questions, std::span<const std::uint32_t> members,
                               double none = 0);
// Likewise of prices.
std::vector<double> MeanPrices(const Questions& questions, std::span<const std::uint32_t> members);

// Indices by descending value, ties by index.
std::vector<std::uint32_t> Descending(const std::vector<double>& values);

}  // namespace moerge
