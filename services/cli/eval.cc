// moerge eval: every policy and baseline on one leaderboard, from recorded results.
#include <time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "config/config.h"
#include "registry/table_reader.h"
#include "router/evaluate/aggregate_rows.h"
#include "router/evaluate/leaderboard.h"
#include "router/evaluate/plot_svg.h"
#include "router/evaluate/report_json.h"
#include "router/evaluate/split.h"
#include "services/cli/cli.h"
#include "services/cli/eval_live.h"
#include "services/cli/eval_text.h"
#include "services/cli/signal_file.h"
#include "services/cli/texts.h"
#include "services/policy_check.h"

namespace moerge::cli {
namespace {

struct EvalArguments {
  LiveArguments live;
  std::string train;
  std::string test;
  std::vector<std::string> pool;
  std::vector<std::string> policies;
  std::vector<std::string> aggregates;
  std::vector<std::string> pair;
  std::vector<std::size_t> experts;
  std::string signals;
  int folds = 0;  // 0: 5, or none with a test table
  std::size_t resamples = 1000;
  std::uint64_t seed = 1;
  std::string json;
  std::string svg;
  bool axes = false;
  bool no_times = false;
  bool strict = false;
};

double CpuMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

Error Invalid(std::string message) { return Error{ErrorCode::kInvalid, std::move(message)}; }

Result<std::vector<TableRow>> Read(const std::string& file, bool strict) {
  Result<Table> table = ReadTable(file, TableOptions{strict});
  if (!table) return std::move(table).error();
  for (const std::string& message : table->report.messages) Warn(file + ": " + message);
  for (const std::string& warning : table->report.Warnings()) Warn(file + ": " + warning);
  if (table->rows.empty()) return Invalid(file + ": there is no usable row");
  return std::move(table->rows);
}

// The experts of the pool that both tables know.
Result<std::vector<std::string>> CommonExperts(const std::vector<TableRow>& train,
                                               const std::vector<TableRow>& test,
                                               const std::vector<std::string>& pool) {
  const std::vector<std::string> left = ExpertsOf(train);
  const std::vector<std::string> right = ExpertsOf(test);
  std::vector<std::string> common;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(),
                        std::back_inserter(common));
  if (common.empty()) {
    return Invalid("the two tables have no expert in common. Training: " + Join(left, ", ") +
                   ". Test: " + Join(right, ", "));
  }
  if (common.size() < std::max(left.size(), right.size()) && pool.empty()) {
    Warn("only the " + std::to_string(common.size()) + " experts that both tables have are used");
  }
  if (pool.empty()) return common;
  for (const std::string& name : pool) {
    if (std::binary_search(common.begin(), common.end(), name)) continue;
    return Invalid("no expert `" + name + "` has scores in training and test." +
                   DidYouMean(name, common) + " There are " + Join(common, ", "));
  }
  const std::set<std::string> chosen(pool.begin(), pool.end());
  return std::vector<std::string>(chosen.begin(), chosen.end());
}

std::vector<std::size_t> Counts(const EvalArguments& arguments, std::size_t experts) {
  std::set<std::size_t> counts(arguments.experts.begin(), arguments.experts.end());
  if (counts.empty()) {
    for (std::size_t k = 1; k <= std::min<std::size_t>(experts, 10); ++k) counts.insert(k);
  }
  std::erase_if(counts, [&](std::size_t k) { return k > experts; });
  return {counts.begin(), counts.end()};
}

// Those on the leaderboard by default; the other sizes are on the curve alone.
std::vector<std::size_t> VoteRows(const EvalArguments& arguments,
                                  const std::vector<std::size_t>& counts) {
  if (!arguments.experts.empty()) return counts;
  std::vector<std::size_t> rows;
  for (const std::size_t k : counts) {
    if (k == 3 || k == 5) rows.push_back(k);
  }
  return rows;
}

Status AddPolicies(const std::string& asked, const std::vector<Contestant>& standard,
                   std::vector<Contestant>* contestants) {
  const bool file = std::filesystem::is_regular_file(asked);
  if (!file) {
    Result<Contestant> found = FindContestant(asked, standard);
    if (!found) return std::move(found).error();
    contestants->push_back(*std::move(found));
    return Ok{};
  }
  const Result<Config> config = LoadConfig(asked, CheckTablePolicy);
  if (!config) return config.error();
  if (config->policies.empty()) return Invalid(asked + ": there are no `policies`");
  for (const Policy& policy : config->policies) {
    contestants->push_back({policy.name, "policy", policy, {}, {}});
  }
  return Ok{};
}

// A row that is there already becomes a point of the curve.
void AddRow(Contestant row, std::vector<Contestant>* contestants) {
  const auto there = std::ranges::find(*contestants, row.name, &Contestant::name);
  if (there == contestants->end()) {
    contestants->push_back(std::move(row));
  } else {
    there->series = row.series;
    there->at = row.at;
  }
}

Result<std::vector<Contestant>> ChooseContestants(const EvalArguments& arguments,
                                                  const std::vector<std::size_t>& votes,
                                                  std::size_t experts, const TableTraits& traits) {
  std::vector<Contestant> standard = StandardContestants(votes, traits);
  Result<std::vector<Contestant>> rows =
      AggregateContestants(arguments.aggregates, experts, traits);
  if (!rows) return rows;
  if (arguments.policies.empty() && rows->empty()) return standard;
  std::vector<Contestant> chosen = {DefaultContestant()};
  for (const std::string& asked : arguments.policies) {
    if (asked == chosen.front().name) continue;
    if (Status added = AddPolicies(asked, standard, &chosen); !added) return added.error();
  }
  for (Contestant& row : *rows) AddRow(std::move(row), &chosen);
  return chosen;
}

// Rows and folds; a test table's rows stand behind those that teach.
Result<EvaluationTask> MakeTask(const EvalArguments& arguments) {
  Result<std::vector<TableRow>> train = Read(arguments.train, arguments.strict);
  if (!train) return std::move(train).error();
  Result<std::vector<TableRow>> test = std::vector<TableRow>();
  if (!arguments.test.empty()) {
    test = Read(arguments.test, arguments.strict);
    if (!test) return std::move(test).error();
  }
  Result<std::vector<std::string>> experts =
      CommonExperts(*train, arguments.test.empty() ? *train : *test, arguments.pool);
  if (!experts) return std::move(experts).error();
  const std::size_t dropped = DropUnscored(*experts, &*train) + DropUnscored(*experts, &*test);
  if (dropped > 0) Warn(std::to_string(dropped) + " rows have no score of these experts");
  EvaluationTask task;
  task.experts = *std::move(experts);
  if (arguments.test.empty()) {
    task.folds = GroupedFolds(*train, arguments.folds == 0 ? 5 : arguments.folds, arguments.seed);
    std::erase_if(task.folds, [](const Fold& fold) { return fold.test.empty(); });
    if (task.folds.size() < 2) return Invalid("one question alone cannot be split into folds");
  } else {
    Fold fold;
    for (std::uint32_t i = 0; i < train->size(); ++i) fold.train.push_back(i);
    for (std::size_t i = 0; i < test->size(); ++i) {
      fold.test.push_back(static_cast<std::uint32_t>(train->size() + i));
    }
    task.folds = {fold};
  }
  task.rows = *std::move(train);
  std::move(test->begin(), test->end(), std::back_inserter(task.rows));
  return task;
}

Status AddSignals(const EvalArguments& arguments, EvaluationTask* task) {
  if (arguments.signals.empty()) return Ok{};
  Result<RecordedSignals> signals = ReadSignalFile(arguments.signals, arguments.strict);
  if (!signals) return std::move(signals).error();
  const auto recorded = std::ranges::count_if(
      task->rows, [&](const TableRow& row) { return signals->Find(row.id) != nullptr; });
  if (recorded == 0) return Invalid(arguments.signals + ": no row has these ids");
  if (recorded < std::ssize(task->rows)) {
    Warn(arguments.signals + ": " + std::to_string(recorded) + " of " +
         std::to_string(task->rows.size()) +
         " rows have recorded signals; the default classifier routes the others");
  }
  task->signals = *std::move(signals);
  return Ok{};
}

Status AddPair(const EvalArguments& arguments, EvaluationTask* task) {
  if (arguments.pair.empty()) return Ok{};
  if (arguments.pair.size() != 2 || arguments.pair[0] == arguments.pair[1]) {
    return Invalid("--pair wants STRONG,WEAK: two experts");
  }
  for (const std::string& name : arguments.pair) {
    if (std::binary_search(task->experts.begin(), task->experts.end(), name)) continue;
    return Invalid("--pair: there is no expert `" + name + "`." + DidYouMean(name, task->experts));
  }
  task->pair = {arguments.pair[0], arguments.pair[1]};
  return Ok{};
}

Result<Leaderboard> EvaluateArguments(const EvalArguments& arguments) {
  Result<EvaluationTask> task = MakeTask(arguments);
  if (!task) return std::move(task).error();
  task->counts = Counts(arguments, task->experts.size());
  if (Status signals = AddSignals(arguments, &*task); !signals) return signals.error();
  TableTraits traits = TraitsOf(task->rows, task->experts);
  traits.vectors = task->signals.CountFor("embedding") > 0;
  Result<std::vector<Contestant>> contestants =
      ChooseContestants(arguments, VoteRows(arguments, task->counts), task->experts.size(), traits);
  if (!contestants) return std::move(contestants).error();
  task->contestants = *std::move(contestants);
  if (Status pair = AddPair(arguments, &*task); !pair) return pair.error();
  task->seed = arguments.seed;
  task->resamples = arguments.resamples;
  if (!arguments.no_times) task->clock = CpuMicroseconds;
  if (isatty(STDERR_FILENO) == 1) {
    task->progress = [](const std::string& what) { std::fprintf(stderr, "%s\n", what.c_str()); };
  }
  return Evaluate(*task);
}

Status WriteFiles(const EvalArguments& arguments, const Leaderboard& board) {
  if (!arguments.json.empty()) {
    const ReportSource source{arguments.train, arguments.test, arguments.seed, arguments.resamples};
    const std::string text = LeaderboardJson(board, source);
    if (Status written = WriteFileAtomically(arguments.json, text); !written) return written;
  }
  if (arguments.svg.empty()) return Ok{};
  return WriteFileAtomically(arguments.svg, LeaderboardSvg(board));
}

int RunEval(const EvalArguments& arguments) {
  const Result<Leaderboard> board = EvaluateArguments(arguments);
  if (!board) return Fail(board.error().message);
  std::fputs(DescribeLeaderboard(*board, arguments.axes).c_str(), stdout);
  if (Status written = WriteFiles(arguments, *board); !written) {
    return Fail(written.error().message);
  }
  return kSuccess;
}

// With --live the table is made first; --pool says which experts are asked.
int RunLive(EvalArguments arguments) {
  arguments.live.experts = arguments.pool;
  if (Status measured = MeasureLive(arguments.live); !measured) {
    return Fail(measured.error().message);
  }
  arguments.train = arguments.live.table;
  return RunEval(arguments);
}

void CompleteLive(EvalArguments* arguments) {
  LiveArguments& live = arguments->live;
  const std::string_view name = live.questions;
  if (live.table.empty()) live.table = live.questions + ".results.jsonl";
  if (live.source.empty()) {
    live.source = "live:" + std::string(name.substr(name.find_last_of('/') + 1));
  }
}

void AddTables(CLI::App& command, EvalArguments* arguments) {
  CLI::Option* train =
      command.add_option("--train", arguments->train, "Results table (.jsonl, .gz) to learn from");
  LiveArguments& live = arguments->live;
  CLI::Option* questions =
      command.add_option("--live", live.questions,
                         "In place of --train: questions {\"id\", \"prompt\", \"reference\", "
                         "\"category\"} (.jsonl, .gz) that the experts of a running server answer; "
                         "how they did is kept there as profiles, and compared");
  questions->excludes(train);
  command
      .add_option("--live-table", live.table, "Where their results go (default FILE.results.jsonl)")
      ->needs(questions);
  command
      .add_option("--source", live.source,
                  "Name of the profiles (default live:FILE); again under it replaces")
      ->needs(questions);
  command.add_option("--at-once", live.at_once, "Requests in one call of the server, with --live")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  live.server.AddOptions(command);
  CLI::Option* test = command.add_option("--test", arguments->test,
                                         "Results table to judge on; without it --train is split");
  command
      .add_option("--folds", arguments->folds,
                  "Without --test: number of cross-validation folds (default 5)")
      ->check(CLI::Range(2, 100))
      ->excludes(test);
  command.add_option("--pool", arguments->pool, "Only these experts, separated by commas")
      ->delimiter(',');
  command.add_option("--signals", arguments->signals,
                     "Signals recorded for the rows (moerge record): policies that ask an "
                     "encoder, a model or experts are judged too");
  command.add_flag("--strict", arguments->strict, "Fail at the first bad row");
}

void AddChoices(CLI::App& command, EvalArguments* arguments) {
  command
      .add_option("--policies", arguments->policies,
                  "Only these and the baselines: names of rows or CLASSIFIER+RECRUITER, with "
                  "changes after them (\"vote-5 experts.null=true\"), or YAML files with "
                  "`policies`; separated by commas")
      ->delimiter(',');
  command
      .add_option("--aggregate", arguments->aggregates,
                  "Compare ways of making one answer out of several, over calls and price: " +
                      Join(AggregateNames(), ", ") + "; separated by commas")
      ->delimiter(',');
  command.add_option("--experts", arguments->experts, "Sizes of votes (default 1 to 10)")
      ->check(CLI::Range(1, 64));
  command
      .add_option("--pair", arguments->pair,
                  "STRONG,WEAK: the experts that gap recovered is measured between (default: best "
                  "and cheapest)")
      ->delimiter(',');
  command.add_option("--resamples", arguments->resamples, "Of the bootstrap")
      ->check(CLI::Range(100, 100'000))
      ->capture_default_str();
  command.add_option("--seed", arguments->seed, "Of folds, lots, typos and resamples")
      ->capture_default_str();
}

void AddOutputs(CLI::App& command, EvalArguments* arguments) {
  command.add_option("--json", arguments->json, "Everything, as one JSON object, to this file");
  command.add_option("--svg", arguments->svg, "A plot to this file");
  command.add_flag("--axes", arguments->axes, "Also the design choices of each policy");
  command.add_flag("--no-times", arguments->no_times,
                   "Leave out times, so that equal input gives equal output");
}

}  // namespace

void AddEval(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<EvalArguments>();
  CLI::App* command = app.add_subcommand(
      "eval",
      "Compare every policy and baseline on recorded results; no expert is called but with --live");
  AddTables(*command, arguments.get());
  AddChoices(*command, arguments.get());
  AddOutputs(*command, arguments.get());
  command->callback([choose, arguments] {
    if (arguments->train.empty() && arguments->live.questions.empty()) {
      throw CLI::RequiredError("--train or --live");
    }
    if (arguments->live.questions.empty()) {
      return choose([arguments] { return RunEval(*arguments); });
    }
    CompleteLive(arguments.get());
    choose([arguments] { return RunLive(*arguments); });
  });
}

}  // namespace moerge::cli
