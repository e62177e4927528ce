// The classifiers side by side, cross-validated on a results table: right category, calibration,
// accuracy of one call when each is the policy's classifier, time of a decision, training time,
// bytes. A share of the rows per category shows how few examples they need.
//   bench_classifiers --data DIR [--folds N] [--only-folds N] [--rows-per-category N] [--seed N]
//     [--classifier NAME ...] [--option NAME=VALUE ...] [--correction 0|1]
#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "config/base/hash.h"
#include "router/classify/catalogue.h"
#include "router/evaluate/reliability.h"
#include "router/offline/table_router.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"

namespace moerge {
namespace {

struct Options {
  std::string data;
  int folds = 5;
  std::size_t only_folds = 100;
  std::size_t rows_per_category = 0;  // 0: all
  std::uint64_t seed = 1;
  bool correction = false;
  std::vector<std::string> classifiers;
  std::map<std::string, std::string> options;
};

struct Marks {
  double rows = 0, right = 0, score = 0, microseconds = 0, seconds = 0, folds = 0;
  std::vector<std::pair<double, double>> confidence;  // and whether right

  void Add(bool is_right, double confident, double scored, double us) {
    rows += 1, right += is_right, score += scored, microseconds += us;
    confidence.emplace_back(confident, is_right);
  }
};

double Seconds(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// At most this many rows of each category; 0: all.
void Thin(std::size_t per_category, std::vector<TableRow>* rows) {
  std::map<std::string, std::size_t> taken;
  std::erase_if(*rows, [&](const TableRow& row) {
    return per_category > 0 && taken[row.category]++ >= per_category;
  });
}

void Judge(TableRouter router, const std::vector<TableRow>& test, const Policy& policy,
           Marks* result) {
  const auto start = std::chrono::steady_clock::now();
  router.Prepare(policy);
  result->seconds += Seconds(start);
  result->folds += 1;
  for (const TableRow& row : test) {
    const Decision decision = router.Route(row.prompt, policy, Hash64(row.id));
    const bool right = !decision.demand.skills.empty() &&
                       NameOf(decision.demand.skills.front().skill) == row.category;
    const double score =
        decision.roster.empty() ? 0 : ScoreOf(row, NameOf(decision.roster.front().expert));
    result->Add(right, decision.demand.confidence, score,
                decision.classify_us + decision.recruit_us);
  }
}

void Print(const std::map<std::string, Marks>& results) {
  std::printf("%-24s %9s %7s %9s %9s %9s\n", "classifier", "category", "ECE", "one call", "us",
              "train s");
  for (const auto& [name, r] : results) {
    std::printf("%-24s %9.4f %7.4f %9.4f %9.1f %9.2f\n", name.c_str(), r.right / r.rows,
                MeasureReliability(r.confidence).error, r.score / r.rows, r.microseconds / r.rows,
                r.seconds / r.folds);
  }
}

int Run(const Options& options) {
  const auto rows = ReadRows(options.data);
  if (!rows) return 1;
  std::map<std::string, Marks> results;
  std::vector<Fold> folds = GroupedFolds(*rows, options.folds, options.seed);
  folds.resize(std::min(folds.size(), options.only_folds));
  for (const Fold& fold : folds) {
    Parts parts = PartsOf(*rows, fold);
    Thin(options.rows_per_category, &parts.train);
    const Result<TableRouter> learnt = TableRouter::Learn(parts.train, MidPool());
    if (!learnt) return 1;
    const TableRouter router = options.correction ? *learnt : learnt->WithoutCorrection();
    for (const std::string& name : options.classifiers) {
      Policy policy;
      policy.classifier = name;
      policy.options = options.options;
      if (const Status known = CheckPolicy(policy); !known) {
        std::fprintf(stderr, "%s\n", known.error().message.c_str());
        return 1;
      }
      Judge(router, parts.test, policy, &results[name]);
    }
    Policy best;
    best.recruiter = "best-single";
    Judge(router, parts.test, best, &results["(best single)"]);
  }
  Print(results);
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const moerge::Arguments arguments(argc, argv);
  moerge::Options options;
  options.data = arguments.Text("--data");
  options.classifiers = arguments.All("--classifier");
  for (const std::string& option : arguments.All("--option")) {
    const std::size_t at = option.find('=');
    if (at != std::string::npos) options.options[option.substr(0, at)] = option.substr(at + 1);
  }
  arguments.Number("--folds", 2, &options.folds);
  arguments.Number("--only-folds", 0, &options.only_folds);
  arguments.Number("--rows-per-category", 0, &options.rows_per_category);
  arguments.Number("--seed", 0, &options.seed);
  arguments.Number("--correction", 0, &options.correction);
  if (options.classifiers.empty()) options.classifiers = moerge::ClassifierNames();
  if (options.data.empty()) {
    std::printf(
        "usage: bench_classifiers --data DIR [--folds N] [--only-folds N] [--rows-per-category N]"
        "\n  [--seed N] [--classifier NAME] [--option NAME=VALUE] [--correction 0|1]\n");
    return 2;
  }
  return moerge::Run(options);
}
