// What a vote saves by leaving out calls of low expected gain (`vote.gain`), and what that costs,
// on recorded answers, next to a vote that ends only when it cannot change. The option is chosen on
// one half of the questions (cross-validated there: the fewest calls of which 95 % of the resamples
// lose less than 0.6 points) and judged on the other, by a router that has learnt from the first;
// then the other way round. Losses are paired, with their bootstrap interval of 95 %. To choose by
// the mean loss alone (at most 0.3 points) gives up more than it seems: 0.7 points of votes of
// five.
//   bench_low_gain --data DIR [--folds N] [--seed N]
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "router/evaluate/bootstrap.h"
#include "router/evaluate/contestants.h"
#include "router/evaluate/questions.h"
#include "router/evaluate/run.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"

namespace moerge {
namespace {

constexpr double kMostLost = 0.006;  // the interval's end, in the half where the option is chosen
const std::vector<std::string>& Gains() {
  static const std::vector<std::string> gains = {"0",     "0.002", "0.004", "0.006",
                                                 "0.008", "0.01",  "0.015", "0.02"};
  return gains;
}

std::vector<Contestant> Votes(const std::string& most) {
  std::vector<Contestant> votes;
  const std::vector<Contestant> standard = StandardContestants({});
  for (const std::string& gain : Gains()) {
    votes.push_back(*FindContestant("vote-" + most + " vote.gain=" + gain, standard));
  }
  return votes;
}

Result<Run> JudgeIn(std::vector<TableRow> rows, std::vector<Fold> folds, const Names& pool,
                    const std::string& most) {
  EvaluationTask task;
  task.experts = pool;
  std::sort(task.experts.begin(), task.experts.end());
  task.rows = std::move(rows);
  task.folds = std::move(folds);
  task.contestants = Votes(most);
  Result<Run> run = JudgeAll(task);
  if (!run) return run;
  return KeepJudged(*std::move(run));
}

// Of pairs of outcomes: with calls left out, and without.
class Compared {
 public:
  void Add(const Outcomes& with, const Outcomes& without) {
    for (std::size_t i = 0; i < with.size(); ++i) {
      lost_.push_back(without[i].score - with[i].score);
      right_ += with[i].score;
      calls_ += with[i].calls;
      all_calls_ += without[i].calls;
    }
  }
  Estimate lost() const { return BootstrapMeans({lost_}, {.resamples = 2'000, .seed = 1})[0]; }
  double calls() const { return calls_; }
  void Print(const std::string& name) const {
    const Estimate lost = BootstrapMeans({lost_}, {.resamples = 10'000, .seed = 1})[0];
    const auto rows = static_cast<double>(lost_.size());
    std::printf(
        "  %-34s %5.2f %% right, %4.2f calls of %4.2f: %4.1f %% fewer, %+5.2f points lost "
        "(%+5.2f to %+5.2f)\n",
        name.c_str(), 100 * right_ / rows, calls_ / rows, all_calls_ / rows,
        100 * (1 - calls_ / all_calls_), 100 * lost.mean, 100 * lost.low, 100 * lost.high);
  }

 private:
  std::vector<double> lost_;
  double right_ = 0, calls_ = 0, all_calls_ = 0;
};

// The one with the fewest calls that loses little, by its place.
std::size_t Chosen(const Run& run) {
  std::size_t best = 0;
  double fewest = 0;
  for (std::size_t i = 0; i < run.contestants.size(); ++i) {
    Compared compared;
    compared.Add(run.contestants[i], run.contestants[0]);
    if (i > 0 && (compared.lost().high >= kMostLost || compared.calls() >= fewest)) continue;
    best = i;
    fewest = compared.calls();
  }
  return best;
}

bool Show(const std::vector<TableRow>& rows, const std::vector<Fold>& halves, const Names& pool,
          const std::string& most, int folds, std::uint64_t seed) {
  std::vector<Compared> each(Gains().size());
  Compared chosen;
  std::string gains;
  for (const Fold& half : halves) {
    std::vector<TableRow> choosing = PartsOf(rows, half).train;
    std::vector<Fold> inner = GroupedFolds(choosing, folds, seed);
    const Result<Run> choice = JudgeIn(std::move(choosing), std::move(inner), pool, most);
    const Result<Run> judged = JudgeIn(rows, {half}, pool, most);
    if (!choice || !judged) return false;
    const std::size_t best = Chosen(*choice);
    gains += (gains.empty() ? "" : " and ") + Gains()[best];
    chosen.Add(judged->contestants[best], judged->contestants[0]);
    for (std::size_t i = 0; i < each.size(); ++i) {
      each[i].Add(judged->contestants[i], judged->contestants[0]);
    }
  }
  std::printf("up to %s experts\n", most.c_str());
  chosen.Print("chosen elsewhere: " + gains);
  for (std::size_t i = 0; i < each.size(); ++i) each[i].Print("vote.gain=" + Gains()[i]);
  return true;
}

int Main(const Arguments& arguments) {
  int folds = 4;
  std::uint64_t seed = 33;
  arguments.Number("--folds", 2, &folds);
  arguments.Number("--seed", 0, &seed);
  const auto rows = ReadRows(arguments.Text("--data"));
  if (!rows) return 1;
  const std::vector<Fold> halves = GroupedFolds(*rows, 2, seed);
  for (const auto& [name, pool] : {std::pair("mid", MidPool()), std::pair("small", SmallPool())}) {
    std::printf("%s\n", name);
    for (const char* most : {"3", "5", "7"}) {
      if (!Show(*rows, halves, pool, most, folds, seed)) return 1;
      std::fflush(stdout);
    }
  }
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const moerge::Arguments arguments(argc, argv);
  if (arguments.Text("--data").empty()) {
    std::printf("usage: bench_low_gain --data DIR [--folds N] [--seed N]\n");
    return 2;
  }
  return moerge::Main(arguments);
}
