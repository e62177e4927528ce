#include "router/evaluate/run.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "router/evaluate/split.h"

namespace moerge {
namespace {

using Rows = std::vector<std::uint32_t>;

Rows All(const Questions& questions) {
  Rows rows(questions.size());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

std::optional<std::uint32_t> IndexOf(const Questions& questions, const std::string& name) {
  const auto& experts = questions.experts;
  const auto at = std::lower_bound(experts.begin(), experts.end(), name);
  if (at == experts.end() || *at != name) return std::nullopt;
  return static_cast<std::uint32_t>(at - experts.begin());
}

// The pair asked for; else best and cheapest; of two experts without prices the better is strong.
std::optional<ExpertPair> PickPair(const EvaluationTask& task, const Questions& questions) {
  if (task.pair) {
    const auto strong = IndexOf(questions, task.pair->first);
    const auto weak = IndexOf(questions, task.pair->second);
    if (!strong || !weak) return std::nullopt;
    return ExpertPair{*strong, *weak};
  }
  const auto best = Descending(MeanScores(questions, All(questions)));
  if (best.size() == 2 && !questions.has_prices) return ExpertPair{best[0], best[1]};
  if (!questions.has_prices) return std::nullopt;
  const std::uint32_t cheapest = Descending(MeanPrices(questions, All(questions))).back();
  if (cheapest == best.front()) return std::nullopt;
  return ExpertPair{best.front(), cheapest};
}

class Judging {
 public:
  Judging(const EvaluationTask& task, Run* run) : task_(task), run_(*run) {}

  Status Fold(const Fold& fold) {
    std::vector<TableRow> rows;
    for (const std::uint32_t row : fold.train) rows.push_back(task_.rows[row]);
    Result<TableRouter> router = TableRouter::Learn(rows, task_.experts);
    if (!router) return std::move(router).error();
    for (const Contestant& each : task_.contestants) router->Prepare(each.policy);
    const CategoryTable table(*router->snapshot(), run_.questions.experts);
    Baselines({fold.train, fold.test}, table);
    run_.skill_pairs.Add(run_.questions, {fold.train, fold.test});
    SignalReplay signals(task_.signals, task_.rows, fold.train, *router);
    PolicyJudge judge(run_.questions, *router, table,
                      {task_.seed, task_.typo_rate, task_.clock, run_.pair, &signals});
    Contestants(fold.test, &judge);
    Curves(fold.test, &judge);
    return Ok{};
  }

 private:
  void Say(const std::string& what) const {
    if (task_.progress) task_.progress(what);
  }

  void Baselines(Sides sides, const CategoryTable& table) {
    const Questions& questions = run_.questions;
    JudgeRandom(questions, sides, Place(&run_.baselines, std::string("random")));
    JudgeBestSingle(questions, sides, Place(&run_.baselines, std::string("best-single")));
    JudgePromptLength(questions, sides, Place(&run_.baselines, std::string("prompt-length")));
    JudgeOracle(questions, sides, Place(&run_.baselines, std::string("oracle")));
    if (questions.has_categories) {
      JudgeTrueCategory(questions, sides, table,
                        Place(&run_.baselines, std::string("true-category")));
    }
    for (const std::size_t count : task_.counts) {
      JudgeFixed(questions, sides, count, Place(&run_.fixed, count));
      JudgeRandomVote(questions, sides, count, task_.seed, Place(&run_.random, count));
    }
  }

  void Contestants(const Rows& test, PolicyJudge* judge) {
    run_.contestants.resize(task_.contestants.size());
    for (std::size_t c = 0; c < task_.contestants.size(); ++c) {
      Say("  " + task_.contestants[c].name);
      Outcomes& outcomes = run_.contestants[c];
      outcomes.resize(run_.questions.size());
      for (const std::uint32_t row : test) {
        outcomes[row] = judge->Judge(row, task_.contestants[c].policy);
        if (c == 0) KeepExpected(row, judge->expected());
      }
    }
  }

  void KeepExpected(std::size_t row, const std::vector<float>& expected) {
    std::copy(expected.begin(), expected.end(),
              run_.expected.begin() + static_cast<std::ptrdiff_t>(run_.questions.At(row, 0)));
  }

  void Curves(const Rows& test, PolicyJudge* judge) {
    if (!run_.questions.has_answers) return;
    for (const std::size_t count : task_.counts) {
      Policy policy = task_.contestants.front().policy;
      policy.experts = static_cast<int>(count);
      policy.aggregate = "vote";
      Outcomes* weighted = Place(&run_.recruited, count);
      Outcomes* equal = Place(&run_.recruited_equal, count);
      for (const std::uint32_t row : test) {
        const PolicyJudge::Votes votes = judge->JudgeVotes(row, policy);
        (*weighted)[row] = votes.weighted;
        (*equal)[row] = votes.equal;
      }
    }
  }

  template <class Key>
  Outcomes* Place(std::map<Key, Outcomes>* where, const Key& key) {
    Outcomes& outcomes = (*where)[key];
    outcomes.resize(run_.questions.size());
    return &outcomes;
  }

  const EvaluationTask& task_;
  Run& run_;
};

void Keep(const Rows& judged, Outcomes* outcomes) {
  if (outcomes->empty()) return;
  Outcomes kept;
  for (const std::uint32_t row : judged) kept.push_back((*outcomes)[row]);
  *outcomes = std::move(kept);
}

std::uint32_t IndexIn(const Rows& sorted, std::uint32_t row) {
  return static_cast<std::uint32_t>(std::lower_bound(sorted.begin(), sorted.end(), row) -
                                    sorted.begin());
}

template <class Value>
void KeepRows(const Rows& judged, std::size_t width, std::vector<Value>* values) {
  std::vector<Value> kept;
  for (const std::uint32_t row : judged) {
    const auto begin = values->begin() + static_cast<std::ptrdiff_t>(row * width);
    kept.insert(kept.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
  }
  *values = std::move(kept);
}

}  // namespace

Result<Run> JudgeAll(const EvaluationTask& task) {
  Run run;
  run.questions = Tabulate(task.rows, task.experts);
  run.pair = PickPair(task, run.questions);
  run.expected.assign(run.questions.scores.size(), std::numeric_limits<float>::quiet_NaN());
  Judging judging(task, &run);
  for (std::size_t i = 0; i < task.folds.size(); ++i) {
    if (task.progress) {
      task.progress("fold " + std::to_string(i + 1) + " of " + std::to_string(task.folds.size()));
    }
    if (Status judged = judging.Fold(task.folds[i]); !judged) return std::move(judged).error();
    run.judged.insert(run.judged.end(), task.folds[i].test.begin(), task.folds[i].test.end());
    run.folds.push_back(task.folds[i].test);
  }
  std::sort(run.judged.begin(), run.judged.end());
  return run;
}

Run KeepJudged(Run run) {
  const std::size_t width = run.questions.experts.size();
  KeepRows(run.judged, 1, &run.questions.rows);
  KeepRows(run.judged, width, &run.questions.scores);
  KeepRows(run.judged, width, &run.questions.prices);
  KeepRows(run.judged, width, &run.questions.answers);
  KeepRows(run.judged, width, &run.expected);
  for (auto& each : run.baselines) Keep(run.judged, &each.second);
  for (Outcomes& each : run.contestants) Keep(run.judged, &each);
  for (auto* curve : {&run.recruited, &run.recruited_equal, &run.fixed, &run.random}) {
    for (auto& each : *curve) Keep(run.judged, &each.second);
  }
  for (auto& fold : run.folds) {
    for (std::uint32_t& row : fold) row = IndexIn(run.judged, row);
  }
  std::iota(run.judged.begin(), run.judged.end(), 0u);
  return run;
}

}  // namespace moerge
