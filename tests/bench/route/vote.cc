// How good the votes of rosters are, cross-validated on recorded answers: fixed numbers of experts,
// numbers that follow the request, and what early stopping would save, with the best single
// expert. Pools: two usual ones and random ones of eight.
//   bench_vote --data DIR [--folds N] [--random N] [--seed N] [--options "NAME=VALUE ..."]
// With --options one more policy is shown, `experts.max` and the like as given.
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "config/base/text.h"
#include "registry/registry.h"
#include "router/offline/table_router.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"

namespace moerge {
namespace {

struct Options {
  std::string data;
  std::string more;
  int folds = 5;
  std::int64_t random = 6;
  std::uint64_t seed = 1;
};

struct Contestant {
  std::string name;
  Policy policy;
};

Policy WithOptions(const std::string& options, int experts = 1) {
  Policy policy;
  policy.experts = experts;
  for (const std::string_view part : Split(options, ' ')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos) {
      policy.options.Set(std::string(part.substr(0, equals)), std::string(part.substr(equals + 1)));
    }
  }
  return policy;
}

std::vector<Contestant> Contestants(const Options& options) {
  std::vector<Contestant> all;
  for (const int experts : {1, 2, 3, 4, 5, 7}) {
    all.push_back({"fixed " + std::to_string(experts), WithOptions("", experts)});
  }
  all.push_back({"fixed 3, strength alone", WithOptions("experts.complementarity=0", 3)});
  all.push_back({"fixed 3, complementarity 0.3", WithOptions("experts.complementarity=0.3", 3)});
  for (const char* gain : {"0.002", "0.005", "0.008", "0.01", "0.012", "0.015", "0.02"}) {
    all.push_back({std::string("max 7, gain ") + gain,
                   WithOptions(std::string("experts.max=7 experts.gain=") + gain)});
  }
  for (const char* confidence : {"0.6", "0.7", "0.8", "0.9"}) {
    all.push_back({std::string("max 7, confidence ") + confidence,
                   WithOptions(std::string("experts.max=7 experts.confidence=") + confidence)});
    all.push_back({std::string("max 7, gain 0, confidence ") + confidence,
                   WithOptions(std::string("experts.max=7 experts.gain=0 experts.confidence=") +
                               confidence)});
  }
  all.push_back({"max 3, confidence 0.9", WithOptions("experts.max=3 experts.confidence=0.9")});
  for (const char* tolerance : {"0.005", "0.01", "0.02", "0.03"}) {
    all.push_back(
        {std::string("3 with null, tolerance ") + tolerance,
         WithOptions(std::string("experts.null=true experts.tolerance=") + tolerance, 3)});
  }
  all.push_back({"margin 0.02, broadcast 5", WithOptions("experts.margin=0.02")});
  Contestant sampling{"sampling 3", WithOptions("", 3)};
  sampling.policy.recruiter = "sampling";
  all.push_back(sampling);
  if (!options.more.empty()) all.push_back({options.more, WithOptions(options.more)});
  return all;
}

const std::string* AnswerOf(const TableRow& row, std::string_view expert) {
  for (const auto& [name, answer] : row.answers) {
    if (name == expert) return answer.empty() ? nullptr : &answer;
  }
  return nullptr;
}

// Sums of weights by answer.
class Ballot {
 public:
  void Add(const TableRow& row, const Seat& seat) {
    if (const std::string* answer = AnswerOf(row, NameOf(seat.expert))) {
      sums_[*answer] += static_cast<double>(seat.weight);
      ++counts_[*answer];
    }
  }
  bool Right(const TableRow& row) const {
    const std::string* best = nullptr;
    double highest = 0;
    for (const auto& [answer, sum] : sums_) {
      if (sum > highest) highest = sum, best = &answer;
    }
    return best != nullptr && *best == row.reference;
  }
  bool TwoAgree() const {
    for (const auto& [answer, count] : counts_) {
      if (count >= 2) return true;
    }
    return false;
  }

 private:
  std::map<std::string, double> sums_;
  std::map<std::string, int> counts_;
};

class Standing {
 public:
  void Add(const TableRow& row, const Decision& decision) {
    Ballot whole;
    Ballot early;
    std::size_t asked = 0;
    for (const Seat& seat : decision.roster) {
      whole.Add(row, seat);
      if (early.TwoAgree()) continue;
      early.Add(row, seat);
      ++asked;
    }
    rows_ += 1;
    calls_ += static_cast<double>(decision.roster.size());
    early_calls_ += static_cast<double>(asked);
    right_ += whole.Right(row);
    early_right_ += early.Right(row);
    auto& bin = bins_[static_cast<std::size_t>(std::min(9.0, decision.confidence * 10))];
    bin[0] += decision.confidence;
    bin[1] += whole.Right(row);
  }
  void Print(const std::string& name, double best_single) const {
    double error = 0;
    for (const auto& bin : bins_) error += std::abs(bin[0] - bin[1]);
    std::printf(
        "  %-34s %+6.2f  %5.2f calls  calibration error %.3f   stopping at two: %+6.2f "
        "%5.2f\n",
        name.c_str(), 100 * (right_ / rows_ - best_single), calls_ / rows_, error / rows_,
        100 * (early_right_ / rows_ - best_single), early_calls_ / rows_);
  }

 private:
  double rows_ = 0, calls_ = 0, early_calls_ = 0, right_ = 0, early_right_ = 0;
  std::array<std::array<double, 2>, 10> bins_{};
};

struct Pool {
  std::string name;
  std::vector<std::string> experts;
  double best_single = 0;  // right on test rows, chosen on training rows
  double rows = 0;
  std::map<std::string, Standing> standings;
};

std::string BestOn(const std::vector<TableRow>& rows, const std::vector<std::string>& experts) {
  std::string best;
  double highest = -1;
  for (const std::string& expert : experts) {
    double sum = 0;
    for (const TableRow& row : rows) sum += ScoreOf(row, expert);
    if (sum > highest) highest = sum, best = expert;
  }
  return best;
}

void Judge(const TableRouter& router, const Parts& parts,
           const std::vector<Contestant>& contestants, Pool* pool) {
  const std::string best = BestOn(parts.train, pool->experts);
  for (const TableRow& row : parts.test) {
    pool->best_single += ScoreOf(row, best);
    pool->rows += 1;
    RouteRequest request;
    request.text.user = row.prompt;
    request.experts = pool->experts;
    request.seed = Hash64(row.id);
    for (const Contestant& contestant : contestants) {
      pool->standings[contestant.name].Add(row, router.Route(request, contestant.policy));
    }
  }
}

std::vector<Pool> Pools(const TableRow& row, const Options& options) {
  std::vector<Pool> pools = {{"mid", MidPool(), 0, 0, {}}, {"small", SmallPool(), 0, 0, {}}};
  Random random(options.seed);
  for (std::int64_t i = 0; i < options.random; ++i) {
    std::vector<std::string> names;
    for (const auto& [name, score] : row.scores) names.push_back(name);
    for (std::size_t n = names.size(); n > 1; --n) std::swap(names[n - 1], names[random.Below(n)]);
    names.resize(std::min<std::size_t>(names.size(), 8));
    pools.push_back({"random " + std::to_string(i + 1), names, 0, 0, {}});
  }
  return pools;
}

int Run(const Options& options) {
  const auto rows = ReadRows(options.data);
  if (!rows) return 1;
  const std::vector<Contestant> contestants = Contestants(options);
  std::vector<Pool> pools = Pools(rows->front(), options);
  int judged = 0;
  for (const Fold& fold : GroupedFolds(*rows, options.folds, options.seed)) {
    const Parts parts = PartsOf(*rows, fold);
    const Result<TableRouter> router = TableRouter::Learn(parts.train);
    if (!router) return 1;
    for (Pool& pool : pools) Judge(*router, parts, contestants, &pool);
    std::fprintf(stderr, "fold %d of %d\n", ++judged, options.folds);
  }
  for (const Pool& pool : pools) {
    std::printf("%s: best single %.2f\n", pool.name.c_str(), 100 * pool.best_single / pool.rows);
    for (const Contestant& contestant : contestants) {
      pool.standings.at(contestant.name).Print(contestant.name, pool.best_single / pool.rows);
    }
  }
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const moerge::Arguments arguments(argc, argv);
  moerge::Options options;
  options.data = arguments.Text("--data");
  options.more = arguments.Text("--options");
  arguments.Number("--folds", 2, &options.folds);
  arguments.Number("--random", 0, &options.random);
  arguments.Number("--seed", 0, &options.seed);
  if (options.data.empty()) {
    std::printf(
        "usage: bench_vote --data DIR [--folds N] [--random N] [--seed N] [--options TEXT]\n");
    return 2;
  }
  return moerge::Run(options);
}
