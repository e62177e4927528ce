// How good the decisions are, on results tables and always on rows that were not learnt from.
//   bench_quality --data DIR [--part NAME] [--folds N] [--seed N] [--draws N]
//     [--rows-per-category N]
// Parts (all of them by default):
//   cross   MMLU-Pro, cross-validated: right skill, right expert in one call, the baselines,
//           how honest probabilities and intervals are, how many decisions survive typos and
//           capitals
//   few     MMLU-Pro, learnt from N rows per category, drawn again and again; with experts.caution
//           and the default. Of experts that are equally strong there the first of the pool is
//           the best single one, so that in such a draw caution too may fall below it
//   pair    GSM8K, a strong and a weak expert: gap recovered per share of strong calls (RouteLLM)
//   cost    time and memory of learning all, time of a decision among ten experts
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <string>
#include <unordered_set>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "router/evaluate/apgr.h"
#include "router/evaluate/perturb.h"
#include "router/evaluate/reliability.h"
#include "router/offline/table_router.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"
#include "tests/bench/route/measures.h"

namespace moerge {
namespace {

struct Options {
  std::string data;
  std::string part;
  int folds = 5;
  std::size_t rows_per_category = 25;
  std::size_t draws = 30;
  std::uint64_t seed = 1;
};

template <class T>
void Shuffle(std::vector<T>* values, Random* random) {
  for (std::size_t i = values->size(); i > 1; --i) {
    std::swap((*values)[i - 1], (*values)[random->Below(i)]);
  }
}

// By name: the two pools that figures are given for, and sub-pools drawn at random.
std::map<std::string, std::vector<Names>> Pools(Names all) {
  std::map<std::string, std::vector<Names>> pools{{"mid", {MidPool()}}, {"small", {SmallPool()}}};
  Random random(7);
  Names mid = MidPool();
  for (int i = 0; i < 20; ++i) {
    Names* from = i < 12 ? &mid : &all;
    Shuffle(from, &random);
    Names pool(from->begin(), from->begin() + (i < 12 ? 6 : 7));
    std::sort(pool.begin(), pool.end());
    pools["20 random"].push_back(std::move(pool));
  }
  return pools;
}

using Scores = std::map<std::string, double, std::less<>>;

std::string Best(const Scores& expected, const Names& pool) {
  std::string best;
  for (const std::string& name : pool) {
    const auto at = expected.find(name);
    if (at == expected.end()) continue;
    if (best.empty() || at->second > expected.find(best)->second) best = name;
  }
  return best;
}

Scores ExpectedOf(const Decision& decision) {
  Scores expected;
  for (const Candidate& candidate : decision.candidates) {
    expected[std::string(NameOf(candidate.expert))] = static_cast<double>(candidate.expected);
  }
  return expected;
}

// Who is asked when only these can be.
std::string Asked(const TableRouter& router, const std::string& prompt, const Names& pool,
                  const Policy& policy = {}) {
  RouteRequest request;
  request.text.user = prompt;
  request.experts = pool;
  const Decision decision = router.Route(request, policy);
  return decision.roster.empty() ? "" : std::string(NameOf(decision.roster.front().expert));
}

Policy Cautious() {
  Policy policy;
  policy.options.Set("experts.caution", "1");
  return policy;
}

Scores OverallStrengths(const TableRouter& router) {
  Scores strengths;
  for (const ExpertEntry& expert : router.snapshot()->experts) {
    strengths[expert.spec.name] = OverallOf(expert).strength.mean;
  }
  return strengths;
}

// Told the true category.
Scores TrueCategory(const TableRouter& router, const TableRow& row) {
  const SkillEntry* skill = router.snapshot()->FindSkill(row.category);
  Scores means;
  for (const ExpertEntry& expert : router.snapshot()->experts) {
    const Overall overall = OverallOf(expert);
    means[expert.spec.name] =
        skill == nullptr ? overall.strength.mean : PosteriorOf(expert, overall, skill->id).mean;
  }
  return means;
}

std::string TopSkill(const Decision& decision) {
  if (decision.demand.skills.empty()) return "";
  return std::string(NameOf(decision.demand.skills.front().skill));
}

Parts Draw(const std::vector<TableRow>& rows, std::size_t per_category, std::uint64_t seed) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed);
  Shuffle(&order, &random);
  std::map<std::string, std::size_t> taken;
  std::unordered_set<std::string> seen;
  Parts parts;
  for (const std::size_t i : order) {
    if (taken[rows[i].category]++ >= per_category) continue;
    parts.train.push_back(rows[i]);
    seen.insert(rows[i].prompt);
  }
  for (const TableRow& row : rows) {
    if (!seen.contains(row.prompt)) parts.test.push_back(row);
  }
  return parts;
}

class CrossValidation {
 public:
  explicit CrossValidation(const std::vector<TableRow>& rows) : rows_(rows) {}

  void Run(const Options& options) {
    for (const Fold& fold : GroupedFolds(rows_, options.folds, options.seed)) {
      const Parts parts = PartsOf(rows_, fold);
      const Result<TableRouter> router = TableRouter::Learn(parts.train);
      if (!router) return;
      const TableRouter plain = router->WithoutCorrection();
      if (++fold_ == 1) pools_ = Pools(router->experts());
      const Scores strengths = OverallStrengths(*router);
      for (const TableRow& row : parts.test) Judge(*router, plain, strengths, row);
    }
    tally_.Print();
    std::printf("%-58s %8.4f\n", "category: calibration error",
                MeasureReliability(category_).error);
    std::printf("%-58s %8.4f\n", "expected score: calibration error",
                MeasureReliability(expected_).error);
    std::printf("%-58s %8.4f\n", "expected score: 90 % intervals hold", coverage_.Share());
  }

 private:
  void Judge(const TableRouter& router, const TableRouter& plain, const Scores& strengths,
             const TableRow& row) {
    const Decision decision = router.Route(row.prompt, {});
    const Scores expected = ExpectedOf(decision);
    const Scores profile = ExpectedOf(plain.Route(row.prompt, {}));
    const Scores known = TrueCategory(router, row);
    for (const auto& [name, pools] : pools_) {
      for (const Names& pool : pools) {
        const double single = ScoreOf(row, Best(strengths, pool));
        const auto gain = [&](const char* what, const Scores& by) {
          tally_.Add("gain over best single: " + std::string(what) + ", " + name,
                     100 * (ScoreOf(row, Best(by, pool)) - single));
        };
        tally_.Add("best single, " + name, 100 * single);
        gain("expected", expected);
        gain("profile alone", profile);
        gain("true category", known);
        Scores scores;
        for (const auto& [expert, score] : row.scores) scores[expert] = score;
        gain("oracle", scores);
      }
    }
    Honesty(decision, row);
    Robustness(router, decision, row);
  }

  void Honesty(const Decision& decision, const TableRow& row) {
    const std::string top = TopSkill(decision);
    tally_.Add("category", top == row.category);
    category_.emplace_back(decision.demand.confidence, top == row.category);
    for (const Candidate& candidate : decision.candidates) {
      const std::string name(NameOf(candidate.expert));
      expected_.emplace_back(static_cast<double>(candidate.expected), ScoreOf(row, name));
      coverage_.Add(fold_, name, top, candidate, ScoreOf(row, name));
    }
  }

  void Robustness(const TableRouter& router, const Decision& decision, const TableRow& row) {
    const std::string asked = Asked(router, row.prompt, MidPool());
    const auto compare = [&](const char* what, const std::string& prompt) {
      const Decision changed = router.Route(prompt, {});
      tally_.Add("unchanged under " + std::string(what) + ": who is asked of mid",
                 Asked(router, prompt, MidPool()) == asked);
      tally_.Add("unchanged under " + std::string(what) + ": category",
                 TopSkill(changed) == TopSkill(decision));
    };
    compare("2 % typos", WithTypos(row.prompt, 0.02, Hash64(row.id)));
    compare("capitals", UpperAscii(row.prompt));
  }

  const std::vector<TableRow>& rows_;
  std::map<std::string, std::vector<Names>> pools_;
  std::size_t fold_ = 0;
  Tally tally_;
  std::vector<std::pair<double, double>> category_;  // probability, outcome
  std::vector<std::pair<double, double>> expected_;
  Coverage coverage_;
};

// Gains of single draws.
void PrintDraws(const std::string& what, std::vector<double> gains) {
  std::sort(gains.begin(), gains.end());
  const double sum = std::accumulate(gains.begin(), gains.end(), 0.0);
  const auto below = std::count_if(gains.begin(), gains.end(), [](double g) { return g < 0; });
  const auto count = static_cast<double>(gains.size());
  std::printf("%-58s %+8.2f  below 0: %.0f %%, worst %+.2f (%zu)\n", what.c_str(), sum / count,
              100 * static_cast<double>(below) / count, gains.front(), gains.size());
}

// The gains of one router over the best single expert, by what decides and pool.
std::map<std::string, std::vector<double>> GainsOf(const TableRouter& router,
                                                   const std::vector<TableRow>& test) {
  const TableRouter plain = router.WithoutCorrection();
  const auto pools = Pools(router.experts());
  const Scores strengths = OverallStrengths(router);
  const Policy cautious = Cautious();
  std::map<std::string, std::vector<double>> gains;
  for (const auto& [name, each] : pools) {
    for (const Names& pool : each) {
      const std::string single = Best(strengths, pool);
      double usual = 0, careful = 0, profile = 0;
      for (const TableRow& row : test) {
        const double base = ScoreOf(row, single);
        usual += ScoreOf(row, Asked(router, row.prompt, pool)) - base;
        careful += ScoreOf(row, Asked(router, row.prompt, pool, cautious)) - base;
        profile += ScoreOf(row, Asked(plain, row.prompt, pool)) - base;
      }
      const double percent = 100 / static_cast<double>(test.size());
      gains["auto, " + name].push_back(usual * percent);
      gains["auto experts.caution=1, " + name].push_back(careful * percent);
      gains["profile alone, " + name].push_back(profile * percent);
    }
  }
  return gains;
}

void FewRows(const std::vector<TableRow>& rows, const Options& options) {
  std::map<std::string, std::vector<double>> gains;
  for (std::size_t draw = 0; draw < options.draws; ++draw) {
    const Parts parts = Draw(rows, options.rows_per_category, options.seed + draw);
    const Result<TableRouter> router = TableRouter::Learn(parts.train);
    if (!router) return;
    for (const auto& [name, values] : GainsOf(*router, parts.test)) {
      gains[name].insert(gains[name].end(), values.begin(), values.end());
    }
  }
  std::printf("%zu rows per category, %zu draws: gain over best single\n",
              options.rows_per_category, options.draws);
  for (const auto& [name, values] : gains) PrintDraws(name, values);
}

// Gap recovered over all shares of strong calls, and the shares that recover half and 80 %.
void AddGap(const std::vector<PairQuestion>& questions, const std::string& by, Tally* tally) {
  const GapReport gap = MeasureGap(questions);
  tally->Add("APGR by " + by, gap.apgr);
  tally->Add("APGR over every threshold by " + by, gap.apgr_exact);
  tally->Add("CPT50 by " + by, gap.cpt50);
  tally->Add("CPT80 by " + by, gap.cpt80);
}

void Pair(const std::vector<TableRow>& rows, const Options& options) {
  const std::string strong = "gpt-4-1106-preview";
  const std::string weak = "mixtral-8x7b-instruct";
  Tally tally;
  for (std::uint64_t seed = options.seed; seed < options.seed + 5; ++seed) {
    for (const Fold& fold : GroupedFolds(rows, options.folds, seed)) {
      std::vector<PairQuestion> routed;
      std::vector<PairQuestion> by_length;
      const Parts parts = PartsOf(rows, fold);
      const Result<TableRouter> router = TableRouter::Learn(parts.train);
      if (!router) return;
      for (const TableRow& row : parts.test) {
        const Scores expected = ExpectedOf(router->Route(row.prompt, {}));
        const double lead = expected.at(strong) - expected.at(weak);
        PairQuestion question{lead, ScoreOf(row, strong), ScoreOf(row, weak)};
        routed.push_back(question);
        question.preference = static_cast<double>(row.prompt.size());
        by_length.push_back(question);
      }
      AddGap(routed, "expected scores", &tally);
      AddGap(by_length, "prompt length", &tally);
    }
  }
  tally.Print();
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void Cost(const std::vector<TableRow>& rows) {
  const double begin = CpuSeconds();
  const Result<TableRouter> all = TableRouter::Learn(rows);
  std::printf("%-58s %8.2f\n", "seconds of a core to learn all rows and experts",
              CpuSeconds() - begin);
  std::printf("%-58s %8.0f\n", "MB at most, the table included", PeakMegabytes());
  const Result<TableRouter> mid = TableRouter::Learn(rows, MidPool());
  if (!mid) return;
  std::vector<double> times;
  for (std::size_t i = 0; i < rows.size(); i += 3) {
    const Decision decision = mid->Route(rows[i].prompt, {});
    times.push_back(decision.classify_us + decision.recruit_us);
  }
  std::sort(times.begin(), times.end());
  std::printf("%-58s %8.1f\n", "microseconds per decision among ten experts, median",
              times[times.size() / 2]);
}

int Run(const Options& options) {
  const auto table = ReadRows(options.data);
  const auto pair = ReadRows(options.data, "gsm8k_strong_weak.jsonl.gz");
  if (!table || !pair) return 1;
  const auto wanted = [&](const char* part) {
    return options.part.empty() || options.part == part;
  };
  if (wanted("cost")) Cost(*table);
  if (wanted("cross")) CrossValidation(*table).Run(options);
  if (wanted("few")) FewRows(*table, options);
  if (wanted("pair")) Pair(*pair, options);
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const moerge::Arguments arguments(argc, argv);
  moerge::Options options;
  options.data = arguments.Text("--data");
  options.part = arguments.Text("--part");
  arguments.Number("--folds", 2, &options.folds);
  arguments.Number("--draws", 1, &options.draws);
  arguments.Number("--rows-per-category", 1, &options.rows_per_category);
  arguments.Number("--seed", 0, &options.seed);
  if (options.data.empty()) {
    std::printf(
        "usage: bench_quality --data DIR [--part cross|few|pair|cost] [--folds N] [--seed N]\n"
        "                     [--draws N] [--rows-per-category N]\n");
    return 2;
  }
  return moerge::Run(options);
}
