#include "router/evaluate/leaderboard.h"

#include <algorithm>
#include <cmath>

#include "router/evaluate/abstain_sweep.h"
#include "router/evaluate/price_sweep.h"
#include "router/evaluate/run.h"

namespace moerge {
namespace {

std::vector<double> Scores(const Outcomes& outcomes) {
  std::vector<double> scores;
  for (const Outcome& outcome : outcomes) scores.push_back(outcome.score);
  return scores;
}

std::vector<double> Less(std::vector<double> a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

double MeanOf(const Outcomes& outcomes, double Outcome::*field) {
  double sum = 0;
  for (const Outcome& outcome : outcomes) sum += outcome.*field;
  return outcomes.empty() ? 0 : sum / static_cast<double>(outcomes.size());
}

// The fixed panels' score at so many calls: between two sizes on the line that joins them, which is
// what asking each of the two on a share of the questions would give.
double FixedAt(const std::map<std::size_t, Outcomes>& fixed, double calls) {
  double below_at = 0, below = Outcome::kUnknown;
  for (const auto& [count, outcomes] : fixed) {
    const double at = MeanOf(outcomes, &Outcome::calls);
    const double score = MeanOf(outcomes, &Outcome::score);
    if (std::fabs(at - calls) < 1e-9) return score;
    if (at > calls) return below + (score - below) * (calls - below_at) / (at - below_at);
    below_at = at;
    below = score;
  }
  return Outcome::kUnknown;
}

// Preferences as shares of the fold with a lower one, so that thresholds mean the same in folds
// that were learnt apart; equal ones stay equal. Nothing if any is unknown.
std::vector<double> RankedPreferences(const Run& run, const Outcomes& outcomes) {
  std::vector<double> ranks(outcomes.size());
  for (const auto& fold : run.folds) {
    std::vector<double> sorted;
    for (const std::uint32_t row : fold) {
      if (std::isnan(outcomes[row].preference)) return {};
      sorted.push_back(outcomes[row].preference);
    }
    std::sort(sorted.begin(), sorted.end());
    for (const std::uint32_t row : fold) {
      const auto [low, high] =
          std::equal_range(sorted.begin(), sorted.end(), outcomes[row].preference);
      const auto below = static_cast<double>((low - sorted.begin()) + (high - sorted.begin()));
      ranks[row] = below / 2 / static_cast<double>(sorted.size());
    }
  }
  return ranks;
}

std::optional<GapReport> Gap(const Run& run, const Outcomes& outcomes) {
  if (!run.pair) return std::nullopt;
  const std::vector<double> preferences = RankedPreferences(run, outcomes);
  if (preferences.empty()) return std::nullopt;
  std::vector<PairQuestion> questions;
  const Questions& table = run.questions;
  for (std::size_t row = 0; row < outcomes.size(); ++row) {
    if (!table.Recorded(row, run.pair->strong) || !table.Recorded(row, run.pair->weak)) continue;
    const std::size_t strong = table.At(row, run.pair->strong);
    const std::size_t weak = table.At(row, run.pair->weak);
    questions.push_back({preferences[row], static_cast<double>(table.scores[strong]),
                         static_cast<double>(table.scores[weak]),
                         static_cast<double>(table.prices[strong]),
                         static_cast<double>(table.prices[weak])});
  }
  return MeasureGap(questions);
}

class Builder {
 public:
  Builder(const EvaluationTask& task, const Run& run) : task_(task), run_(run) {
    slices_ = MakeSlices(run.questions, run.contestants.front());
  }

  void Standings(Leaderboard* board) {
    for (const std::string& name : BaselineNames()) {
      if (!run_.baselines.contains(name)) continue;
      Add({name, "baseline", {}, {}, {}}, AxesOfBaseline(name), run_.baselines.at(name), board);
    }
    for (const auto& [count, outcomes] : run_.fixed) {
      if (!run_.questions.has_answers || !HasVoteOf(count)) continue;
      Add({"fixed-" + std::to_string(count), "baseline", {}, {}, {}}, AxesOfBaseline("fixed"),
          outcomes, board);
    }
    for (std::size_t i = 0; i < task_.contestants.size(); ++i) {
      const Contestant& each = task_.contestants[i];
      Add(each, AxesOf(each.policy), run_.contestants[i], board);
    }
    AddIntervals(board);
  }

  void Curves(Leaderboard* board) const {
    AddAggregates(board);
    if (!run_.questions.has_answers) return;
    AddCurve("recruited", run_.recruited, board);
    AddCurve("recruited, equal votes", run_.recruited_equal, board);
    AddCurve("fixed", run_.fixed, board);
    AddCurve("random", run_.random, board);
  }

 private:
  void Add(Contestant contestant, const MoergingAxes& axes, const Outcomes& outcomes,
           Leaderboard* board) {
    Standing standing;
    standing.contestant = std::move(contestant);
    standing.axes = axes;
    standing.summary = Summarise(outcomes, slices_);
    standing.table_true = TableTrue(outcomes);
    standing.gap = Gap(run_, outcomes);
    if (standing.summary.abstained > 0) standing.answered = Answered(outcomes, Bootstrap());
    standing.fixed_at_equal_calls = FixedAt(run_.fixed, standing.summary.calls);
    board->standings.push_back(std::move(standing));
    columns_.push_back(Scores(outcomes));
  }

  BootstrapOptions Bootstrap() const { return {task_.resamples, 0.95, task_.seed}; }

  // Fixed panels accompany votes of the same size; the others are on the curve alone.
  bool HasVoteOf(std::size_t count) const {
    return std::any_of(task_.contestants.begin(), task_.contestants.end(), [&](const auto& each) {
      const bool vote = each.kind == "vote" || each.series == "vote";
      return vote && each.policy.experts == static_cast<int>(count);
    });
  }

  // Over the questions for which the contestant named a category.
  double TableTrue(const Outcomes& outcomes) const {
    const auto at = run_.baselines.find("true-category");
    if (at == run_.baselines.end()) return Outcome::kUnknown;
    double sum = 0, count = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (std::isnan(outcomes[i].table_score)) continue;
      sum += at->second[i].score;
      count += 1;
    }
    return count > 0 ? sum / count : Outcome::kUnknown;
  }

  std::size_t TaskLevel(const Leaderboard& board) const {
    for (std::size_t i = 0; i < board.standings.size(); ++i) {
      if (board.standings[i].contestant.name == "recruiter-task-level") return i;
    }
    return board.standings.size();
  }

  void AddIntervals(Leaderboard* board) {
    const std::size_t count = columns_.size();
    const std::vector<double> best = Scores(run_.baselines.at("best-single"));
    const std::size_t task_level = TaskLevel(*board);
    for (std::size_t i = 0; i < count; ++i) columns_.push_back(Less(columns_[i], best));
    for (std::size_t i = 0; i < count && task_level < count; ++i) {
      columns_.push_back(Less(columns_[i], columns_[task_level]));
    }
    const auto estimates = BootstrapMeans(columns_, Bootstrap());
    for (std::size_t i = 0; i < count; ++i) {
      board->standings[i].score = estimates[i];
      if (board->standings[i].summary.abstained == 0) board->standings[i].answered = estimates[i];
      board->standings[i].versus_best_single = estimates[count + i];
      if (task_level < count) board->standings[i].versus_task_level = estimates[2 * count + i];
    }
  }

  // The rows that are points of a curve.
  static void AddAggregates(Leaderboard* board) {
    for (const Standing& row : board->standings) {
      const Contestant& each = row.contestant;
      if (each.series.empty()) continue;
      board->over_aggregate.push_back(
          {each.series, each.at, row.summary.calls, row.summary.price, row.score});
    }
  }

  void AddCurve(const std::string& series, const std::map<std::size_t, Outcomes>& by_count,
                Leaderboard* board) const {
    std::vector<std::vector<double>> columns;
    for (const auto& each : by_count) columns.push_back(Scores(each.second));
    const auto estimates = BootstrapMeans(columns, Bootstrap());
    std::size_t i = 0;
    for (const auto& [count, outcomes] : by_count) {
      board->over_count.push_back({series, static_cast<double>(count),
                                   MeanOf(outcomes, &Outcome::calls),
                                   MeanOf(outcomes, &Outcome::price), estimates[i++]});
    }
  }

  const EvaluationTask& task_;
  const Run& run_;
  Slices slices_;
  std::vector<std::vector<double>> columns_;
};

void Describe(const EvaluationTask& task, const Run& run, Leaderboard* board) {
  const Questions& questions = run.questions;
  board->experts = questions.experts;
  board->expert_means = MeanScores(questions, run.judged, Outcome::kUnknown);
  board->expert_prices = MeanPrices(questions, run.judged);
  board->questions = questions.size();
  board->folds = task.folds.size();
  board->has_answers = questions.has_answers;
  board->has_prices = questions.has_prices;
  board->has_categories = questions.has_categories;
  if (!run.pair) return;
  board->strong = questions.experts[run.pair->strong];
  board->weak = questions.experts[run.pair->weak];
}

}  // namespace

Result<Leaderboard> Evaluate(EvaluationTask task) {
  Leaderboard board;
  for (Contestant& each : task.contestants) UseRecorded(task.signals, &each);
  std::erase_if(task.contestants, [&](const Contestant& each) {
    std::string lacks = Lacks(each, task.signals);
    if (lacks.empty()) return false;
    board.unavailable.push_back({each.name, std::move(lacks)});
    return true;
  });
  Result<Run> judged = JudgeAll(task);
  if (!judged) return std::move(judged).error();
  const Run run = KeepJudged(*std::move(judged));
  if (run.judged.empty()) {
    return Error{ErrorCode::kInvalid, "there is no question to judge anything on"};
  }
  Describe(task, run, &board);
  Builder builder(task, run);
  builder.Standings(&board);
  builder.Curves(&board);
  board.over_price = SweepPrice(run.questions, run.expected, {task.resamples, 0.95, task.seed});
  board.over_abstain = SweepAbstain(run.contestants.front(), {task.resamples, 0.95, task.seed});
  board.skill_pairs = run.skill_pairs.Report();
  board.pruning = Prune(run.questions, run.expected);
  return board;
}

}  // namespace moerge
