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
#include "config/base/text.h"
#include "router/classify/catalogue.h"
#include "router/evaluate/reliability.h"
#include "router/evaluate/split.h"
#include "router/offline/table_router.h"

namespace moerge {
namespace {

const std::vector<std::string> kMid = {"Meta-Llama-3_1-8B-Instruct",
                                       "Phi-3-mini-4k-instruct",
                                       "mathstral-7B",
                                       "Mixtral-8x7B-Instruct-v0.1",
                                       "Yi-34B",
                                       "c4ai-command-r-v01",
                                       "Qwen1.5-72B-Chat",
                                       "Meta-Llama-3-70B",
                                       "Qwen1.5-110B",
                                       "jamba-1.5-large"};

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

double ScoreOf(const TableRow& row, const Decision& decision) {
  if (decision.roster.empty()) return 0;
  const std::string_view expert = NameOf(decision.roster.front().expert);
  for (const auto& [name, score] : row.scores) {
    if (name == expert) return score;
  }
  return 0;
}

double Seconds(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Parts {
  std::vector<TableRow> train, test;
};
// Of the rows learnt from at most `per_category`; 0: all.
Parts PartsOf(const std::vector<TableRow>& rows, const Fold& fold, std::size_t per_category) {
  Parts parts;
  std::map<std::string, std::size_t> taken;
  for (const std::uint32_t row : fold.train) {
    if (per_category == 0 || taken[rows[row].category]++ < per_category) {
      parts.train.push_back(rows[row]);
    }
  }
  for (const std::uint32_t row : fold.test) parts.test.push_back(rows[row]);
  return parts;
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
    result->Add(right, decision.demand.confidence, ScoreOf(row, decision),
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
  Result<Table> table = ReadTable(options.data + "/mmlu_pro_train.jsonl.gz");
  if (!table) {
    std::fprintf(stderr, "%s\n", table.error().message.c_str());
    return 1;
  }
  std::map<std::string, Marks> results;
  std::vector<Fold> folds = GroupedFolds(table->rows, options.folds, options.seed);
  folds.resize(std::min(folds.size(), options.only_folds));
  for (const Fold& fold : folds) {
    const Parts parts = PartsOf(table->rows, fold, options.rows_per_category);
    const Result<TableRouter> learnt = TableRouter::Learn(parts.train, kMid);
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
  moerge::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--data") options.data = value;
    if (name == "--classifier") options.classifiers.push_back(value);
    if (const auto at = value.find('='); name == "--option" && at != std::string::npos) {
      options.options[value.substr(0, at)] = value.substr(at + 1);
    }
    const std::int64_t number = moerge::ParseInt(value).value_or(0);
    if (name == "--folds") options.folds = static_cast<int>(std::max<std::int64_t>(2, number));
    if (name == "--only-folds") options.only_folds = static_cast<std::size_t>(number);
    if (name == "--rows-per-category") options.rows_per_category = static_cast<std::size_t>(number);
    if (name == "--seed") options.seed = static_cast<std::uint64_t>(number);
    if (name == "--correction") options.correction = number != 0;
  }
  if (options.classifiers.empty()) options.classifiers = moerge::ClassifierNames();
  if (options.data.empty()) {
    std::printf(
        "usage: bench_classifiers --data DIR [--folds N] [--only-folds N] [--rows-per-category N]"
        "\n  [--seed N] [--classifier NAME] [--option NAME=VALUE] [--correction 0|1]\n");
    return 2;
  }
  return moerge::Run(options);
}
