#include "router/evaluate/baselines.h"

#include <algorithm>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "router/evaluate/length_profile.h"

namespace moerge {
namespace {

// The first `count` of `order` that have a score.
std::vector<Called> Seated(const Questions& questions, std::size_t row,
                           std::span<const std::uint32_t> order, std::size_t count) {
  std::vector<Called> called;
  for (const std::uint32_t expert : order) {
    if (called.size() == count) break;
    if (questions.Recorded(row, expert)) called.push_back({expert, 1});
  }
  return called;
}

Outcome AskFirst(const Questions& questions, std::size_t row,
                 std::span<const std::uint32_t> order) {
  return Ask(questions, row, Seated(questions, row, order, 1));
}

// Draws `count` experts and puts them in the order of `rank`.
std::vector<std::uint32_t> Lot(std::vector<std::uint32_t> experts,
                               const std::vector<std::uint32_t>& rank, std::size_t count,
                               Random* random) {
  count = std::min(count, experts.size());
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(experts[i], experts[i + random->Below(experts.size() - i)]);
  }
  experts.resize(count);
  std::sort(experts.begin(), experts.end(),
            [&](std::uint32_t a, std::uint32_t b) { return rank[a] < rank[b]; });
  return experts;
}

}  // namespace

void JudgeRandom(const Questions& questions, Sides sides, Outcomes* out) {
  for (const std::uint32_t row : sides.test) {
    Outcome outcome;
    double count = 0;
    for (std::size_t i = 0; i < questions.experts.size(); ++i) {
      if (!questions.Recorded(row, i)) continue;
      outcome.score += static_cast<double>(questions.scores[questions.At(row, i)]);
      outcome.price += static_cast<double>(questions.prices[questions.At(row, i)]);
      count += 1;
    }
    outcome.score /= count;
    outcome.price /= count;
    outcome.preference = 0;
    (*out)[row] = outcome;
  }
}

void JudgeBestSingle(const Questions& questions, Sides sides, Outcomes* out) {
  const auto order = Descending(MeanScores(questions, sides.train));
  for (const std::uint32_t row : sides.test) (*out)[row] = AskFirst(questions, row, order);
}

void JudgeTrueCategory(const Questions& questions, Sides sides, const CategoryTable& table,
                       Outcomes* out) {
  for (const std::uint32_t row : sides.test) {
    (*out)[row] = AskFirst(questions, row, table.Order(questions.rows[row]->category));
  }
}

void JudgePromptLength(const Questions& questions, Sides sides, Outcomes* out) {
  const LengthProfile profile(questions, sides.train);
  for (const std::uint32_t row : sides.test) {
    const std::string& prompt = questions.rows[row]->prompt;
    (*out)[row] = AskFirst(questions, row, profile.Order(prompt));
    (*out)[row].preference = static_cast<double>(CharacterCount(prompt));
  }
}

void JudgeOracle(const Questions& questions, Sides sides, Outcomes* out) {
  for (const std::uint32_t row : sides.test) {
    std::vector<Called> best;
    for (std::uint32_t i = 0; i < questions.experts.size(); ++i) {
      if (!questions.Recorded(row, i)) continue;
      const auto worth = [&](std::uint32_t expert) {
        const std::size_t at = questions.At(row, expert);
        return std::pair(questions.scores[at], -questions.prices[at]);
      };
      if (best.empty() || worth(i) > worth(best.front().expert)) best = {{i, 1}};
    }
    (*out)[row] = Ask(questions, row, best);
  }
}

void JudgeFixed(const Questions& questions, Sides sides, std::size_t count, Outcomes* out) {
  const auto order = Descending(MeanScores(questions, sides.train));
  for (const std::uint32_t row : sides.test) {
    (*out)[row] = Ask(questions, row, Seated(questions, row, order, count));
  }
}

void JudgeRandomVote(const Questions& questions, Sides sides, std::size_t count, std::uint64_t seed,
                     Outcomes* out, std::size_t draws) {
  const auto order = Descending(MeanScores(questions, sides.train));
  std::vector<std::uint32_t> rank(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  for (const std::uint32_t row : sides.test) {
    Random random(Hash64(questions.rows[row]->id, seed));
    std::vector<std::uint32_t> recorded;
    for (const std::uint32_t expert : order) {
      if (questions.Recorded(row, expert)) recorded.push_back(expert);
    }
    Outcome sum{.score = 0, .calls = 0};
    for (std::size_t i = 0; i < draws; ++i) {
      const auto drawn = Lot(recorded, rank, count, &random);
      const Outcome one = Ask(questions, row, Seated(questions, row, drawn, count));
      sum.score += one.score, sum.calls += one.calls, sum.price += one.price;
    }
    const auto n = static_cast<double>(draws);
    sum.score /= n, sum.calls /= n, sum.price /= n;
    (*out)[row] = sum;
  }
}

}  // namespace moerge
