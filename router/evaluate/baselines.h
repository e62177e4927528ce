// What every policy is compared with, on the same questions. Pure; deterministic for a seed.
#pragma once

#include <cstdint>
#include <span>

#include "router/evaluate/category_table.h"
#include "router/evaluate/outcome.h"

namespace moerge {

// One part of a table learns, the other judges; indices of questions.
struct Sides {
  std::span<const std::uint32_t> train;
  std::span<const std::uint32_t> test;
};

// Each fills the outcomes of the test side.

// Any expert, drawn evenly: the exact mean.
void JudgeRandom(const Questions& questions, Sides sides, Outcomes* out);
// The expert with the best mean in training.
void JudgeBestSingle(const Questions& questions, Sides sides, Outcomes* out);
// The category table's expert, told the true category.
void JudgeTrueCategory(const Questions& questions, Sides sides, const CategoryTable& table,
                       Outcomes* out);
// By the prompt's length alone; its preference in a pair is the length in characters.
void JudgePromptLength(const Questions& questions, Sides sides, Outcomes* out);
// An expert that is right, if any is; the cheapest of them.
void JudgeOracle(const Questions& questions, Sides sides, Outcomes* out);
// Always the same `count` experts, the best in training; they vote, ties to the strongest.
void JudgeFixed(const Questions& questions, Sides sides, std::size_t count, Outcomes* out);
// `count` random experts, the mean of `draws` votes; ties to the stronger in training.
void JudgeRandomVote(const Questions& questions, Sides sides, std::size_t count, std::uint64_t seed,
                     Outcomes* out, std::size_t draws = 20);

}  // namespace moerge
