// What one contestant of the leaderboard did on one question, and the sums over questions.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "router/evaluate/questions.h"
#include "router/vote/ballots.h"
#include "router/vote/cascade.h"

namespace moerge {

struct Outcome {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  double score = 0;                   // of the answer a client would get, 0..1
  double calls = 1;                   // experts asked
  double price = 0;                   // of all calls, USD per million tokens
  double expected = kUnknown;         // predicted score of that answer: how sure the policy is
  double confidence = kUnknown;       // that the first skill is the right one
  double margin = kUnknown;           // lead of the best expert over the second
  double preference = kUnknown;       // for the strong expert of the pair over the weak one
  double micros = kUnknown;           // CPU time of the decision
  double table_score = kUnknown;      // of the category table's expert for the predicted category
  std::int8_t category_right = -1;    // 0 or 1; -1: unknown
  std::int8_t same_under_typos = -1;  // the same experts were asked
  std::int8_t same_in_capitals = -1;
};
using Outcomes = std::vector<Outcome>;  // by question

struct Called {
  std::uint32_t expert;                 // index into Questions::experts
  double weight = 1;                    // what its answer counts
  double expected = Outcome::kUnknown;  // predicted score of its answer
};

// Score, calls and price when these are asked, in this order; several vote, and no further one
// is asked once the vote is decided, as serving does it. Without any
// recorded answer among them the first one's score counts. REQUIRES: at least one; each has a
// score.
Outcome Ask(const Questions& questions, std::size_t row, std::span<const Called> called,
            const StopRule& rule = {});

// The same one after another, until an answer is good enough (vote/cascade.h). Without recorded
// answers those of the experts cannot be compared. REQUIRES: each has an expectation.
Outcome AskCascade(const Questions& questions, std::size_t row, std::span<const Called> order,
                   double adequate, const CascadeRule& rule);

}  // namespace moerge
