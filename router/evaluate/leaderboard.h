// Every policy and baseline in one setup: the same questions, the same training rows, the same
// resamples. Pure but for the clock that comes in; deterministic for a seed, times aside.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "registry/table_parser.h"
#include "router/evaluate/apgr.h"
#include "router/evaluate/axes.h"
#include "router/evaluate/contestants.h"
#include "router/evaluate/policy_judge.h"
#include "router/evaluate/pruning.h"
#include "router/evaluate/recorded_signals.h"
#include "router/evaluate/skill_pairs.h"
#include "router/evaluate/summary.h"
#include "router/learn/folds.h"

namespace moerge {

struct EvaluationTask {
  std::vector<TableRow> rows;           // each with a score of `experts`
  std::vector<Fold> folds;              // indices of rows; each row is judged in at most one fold
  std::vector<std::string> experts;     // ascending
  std::vector<Contestant> contestants;  // the first is what slices and curves are made from; those
                                        // that lack something are listed and not judged
  std::vector<std::size_t> counts;      // sizes of votes on the curve over k
  std::optional<std::pair<std::string, std::string>> pair;  // strong, weak; nothing: chosen
  std::uint64_t seed = 0;
  RecordedSignals signals;  // of the rows; may be empty
  std::size_t resamples = 1000;
  double typo_rate = 0.02;
  CpuClock clock = nullptr;
  std::function<void(const std::string&)> progress;  // may be empty
};

struct Standing {
  Contestant contestant;
  MoergingAxes axes;
  Estimate score;
  Estimate answered;            // the score where an expert was asked
  Estimate versus_best_single;  // paired
  // Paired; unknown where no contestant is task-level.
  Estimate versus_task_level{Outcome::kUnknown, Outcome::kUnknown, Outcome::kUnknown};
  double fixed_at_equal_calls = Outcome::kUnknown;  // fixed top-k, between neighbouring k
  double table_true = Outcome::kUnknown;  // category table, told the true category, where the
                                          // contestant predicts one
  Summary summary;
  std::optional<GapReport> gap;  // of the pair, where the contestant prefers one by the question
};

struct CurvePoint {
  std::string series;  // "recruited", "recruited, equal votes", "fixed", "random", "cascade"
  double at = 0;       // k, the price weight, the target, or the least probability of an answer
  double calls = 0;    // by question; where the policy abstains, the share that was answered
  double price = 0;
  Estimate score;
};

// A policy that a table alone cannot judge.
struct Unavailable {
  std::string name;
  std::string lacks;  // in words
};

struct Leaderboard {
  std::vector<std::string> experts;
  std::vector<double> expert_means;  // over the judged questions
  std::vector<double> expert_prices;
  std::size_t questions = 0;  // judged
  std::size_t folds = 0;
  bool has_answers = false;
  bool has_prices = false;
  bool has_categories = false;
  std::string strong, weak;         // the pair; empty: none
  std::vector<Standing> standings;  // baselines, then contestants
  std::vector<Unavailable> unavailable;
  std::vector<CurvePoint> over_count;
  std::vector<CurvePoint> over_aggregate;  // the rows with a series
  std::vector<CurvePoint> over_price;
  std::vector<CurvePoint> over_abstain;  // of the first contestant, were it to abstain below `at`
  SkillPairReport skill_pairs;           // without questions: no category is a pair
  PruningReport pruning;
};

// Errors: what training says (kInvalid); no question to judge.
Result<Leaderboard> Evaluate(EvaluationTask task);

}  // namespace moerge
