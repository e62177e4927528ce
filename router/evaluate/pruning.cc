#include "router/evaluate/pruning.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "config/base/hash.h"
#include "router/evaluate/split.h"

namespace moerge {
namespace {

using Rows = std::vector<std::uint32_t>;
using Subset = std::vector<std::uint32_t>;

class Pruner {
 public:
  Pruner(const Questions& questions, const std::vector<float>& expected)
      : questions_(questions), expected_(expected) {}

  Subset AllExperts() const {
    Subset all(questions_.experts.size());
    std::iota(all.begin(), all.end(), 0u);
    return all;
  }

  // With one call: the expert of the subset with the highest expectation.
  double Score(const Rows& rows, const Subset& subset) const {
    double sum = 0;
    for (const std::uint32_t row : rows) {
      float highest = -1;
      float score = 0;
      for (const std::uint32_t expert : subset) {
        const std::size_t at = questions_.At(row, expert);
        if (!(expected_[at] > highest) || !questions_.Recorded(row, expert)) continue;
        highest = expected_[at];
        score = questions_.scores[at];
      }
      sum += static_cast<double>(score);
    }
    return rows.empty() ? 0 : sum / static_cast<double>(rows.size());
  }

  Subset Smallest(const Rows& rows) const {
    Subset kept = AllExperts();
    const double least = Score(rows, kept) - PruningReport::kMayLose;
    while (kept.size() > 1) {
      Subset best;
      double highest = least;
      for (std::size_t i = 0; i < kept.size(); ++i) {
        Subset without = kept;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        const double score = Score(rows, without);
        if (score > highest) highest = score, best = std::move(without);
      }
      if (best.empty()) break;
      kept = std::move(best);
    }
    return kept;
  }

 private:
  const Questions& questions_;
  const std::vector<float>& expected_;
};

}  // namespace

PruningReport Prune(const Questions& questions, const std::vector<float>& expected) {
  PruningReport report;
  if (questions.experts.size() > PruningReport::kMaxExperts || questions.size() < 2) return report;
  Rows all, halves[2];
  for (std::uint32_t row = 0; row < questions.size(); ++row) {
    all.push_back(row);
    halves[Hash64(PromptKey(questions.rows[row]->prompt)) & 1].push_back(row);
  }
  const Pruner pruner(questions, expected);
  report.full = pruner.Score(all, pruner.AllExperts());
  for (const std::uint32_t expert : pruner.Smallest(all)) {
    report.kept.push_back(questions.experts[expert]);
  }
  for (const int side : {0, 1}) {
    const Subset chosen = pruner.Smallest(halves[side]);
    const Rows& judges = halves[1 - side];
    const double share = static_cast<double>(judges.size()) / static_cast<double>(all.size());
    report.held_out += share * pruner.Score(judges, chosen);
    report.held_out_size += static_cast<double>(chosen.size()) / 2;
  }
  return report;
}

}  // namespace moerge
