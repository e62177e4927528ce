// How good the decisions are, cross-validated on a results table: right skill, right expert in one
// call, beside random, best single expert, task level, the table of true categories and the oracle.
// Also how many decisions survive typos, and how few rows hold up.
//   bench_quality --data DIR [--folds N] [--rows-per-category N] [--seed N]
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <string>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "config/base/text.h"
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
  std::int64_t folds = 5;
  std::size_t rows_per_category = 0;  // 0: all
  std::uint64_t seed = 1;
};

Policy PolicyOf(std::string recruiter) {
  Policy policy;
  policy.recruiter = std::move(recruiter);
  return policy;
}

double ScoreOf(const TableRow& row, std::string_view expert) {
  for (const auto& [name, score] : row.scores) {
    if (name == expert) return score;
  }
  return 0;
}

double Oracle(const TableRow& row) {
  double best = 0;
  for (const std::string& expert : kMid) best = std::max(best, ScoreOf(row, expert));
  return best;
}

std::string First(const Decision& decision) {
  return decision.roster.empty() ? "" : std::string(NameOf(decision.roster.front().expert));
}

std::string WithTypos(const std::string& prompt, std::uint64_t seed) {
  Random random(seed);
  std::string out;
  for (const char c : prompt) {
    const std::uint64_t kind = c != '\n' && random.Below(50) == 0 ? random.Below(3) : 3;
    if (kind == 0) out += static_cast<char>('a' + random.Below(26));
    if (kind == 2) out += c;
    if (kind >= 2) out += c;
  }
  return out;
}

class Tally {
 public:
  void Add(const std::string& what, double value) {
    sums_[what].first += value;
    sums_[what].second += 1;
  }
  void Print() const {
    for (const auto& [what, sum] : sums_) {
      std::printf("%-42s %7.3f  (%.0f)\n", what.c_str(), sum.first / sum.second, sum.second);
    }
  }

 private:
  std::map<std::string, std::pair<double, double>> sums_;
};

// The expert of each category with the highest posterior, told the true category.
std::string TrueCategoryChoice(const TableRouter& router, const TableRow& row) {
  const SkillEntry* skill = router.snapshot()->FindSkill(row.category);
  std::string best;
  double highest = -1;
  for (const ExpertEntry& expert : router.snapshot()->experts) {
    const Overall overall = OverallOf(expert);
    const double mean =
        skill == nullptr ? overall.strength.mean : PosteriorOf(expert, overall, skill->id).mean;
    if (mean > highest) highest = mean, best = expert.spec.name;
  }
  return best;
}

void Judge(const TableRouter& router, const std::vector<TableRow>& test, Tally* tally) {
  const TableRouter plain = router.WithoutCorrection();
  for (const TableRow& row : test) {
    const std::uint64_t seed = Hash64(row.id);
    const Decision decision = router.Route(row.prompt, PolicyOf("expected"), seed);
    tally->Add("one call: expected (demand and correction)", ScoreOf(row, First(decision)));
    for (const char* recruiter : {"expected", "task-level", "best-single", "random"}) {
      const Decision other = plain.Route(row.prompt, PolicyOf(recruiter), seed);
      const std::string name = std::string(recruiter) == "expected" ? "demand alone" : recruiter;
      tally->Add("one call: " + name, ScoreOf(row, First(other)));
    }
    tally->Add("one call: true-category table", ScoreOf(row, TrueCategoryChoice(router, row)));
    tally->Add("one call: oracle", Oracle(row));
    if (!decision.demand.skills.empty()) {
      tally->Add("category", NameOf(decision.demand.skills.front().skill) == row.category);
    }
    const Decision typos = router.Route(WithTypos(row.prompt, seed), PolicyOf("expected"), seed);
    tally->Add("unchanged under 2 % typos", First(typos) == First(decision));
    tally->Add("microseconds per decision", decision.classify_us + decision.recruit_us);
  }
}

// The rows of one fold; duplicates of a prompt fall into the same one.
bool InFold(const TableRow& row, const Options& options, std::int64_t fold) {
  const std::uint64_t hash = Hash64(row.prompt, options.seed);
  return static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(options.folds)) == fold;
}

int Run(const Options& options) {
  Result<Table> table = ReadTable(options.data + "/mmlu_pro_train.jsonl.gz");
  if (!table) {
    std::fprintf(stderr, "%s\n", table.error().message.c_str());
    return 1;
  }
  Tally tally;
  for (std::int64_t fold = 0; fold < options.folds; ++fold) {
    std::vector<TableRow> train, test;
    std::map<std::string, std::size_t> taken;
    for (const TableRow& row : table->rows) {
      if (InFold(row, options, fold)) {
        test.push_back(row);
      } else if (options.rows_per_category == 0 ||
                 taken[row.category]++ < options.rows_per_category) {
        train.push_back(row);
      }
    }
    const auto start = std::chrono::steady_clock::now();
    const Result<TableRouter> router = TableRouter::Learn(train, kMid);
    if (!router) return 1;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    tally.Add("seconds to learn", took.count());
    tally.Add("calibration error on held-out folds", router->quality().calibration_error);
    Judge(*router, test, &tally);
  }
  tally.Print();
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  moerge::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--data") options.data = argv[i + 1];
    const std::int64_t number = moerge::ParseInt(argv[i + 1]).value_or(0);
    if (name == "--folds") options.folds = std::max<std::int64_t>(2, number);
    if (name == "--rows-per-category") options.rows_per_category = static_cast<std::size_t>(number);
    if (name == "--seed") options.seed = static_cast<std::uint64_t>(number);
  }
  if (options.data.empty()) {
    std::printf("usage: bench_quality --data DIR [--folds N] [--rows-per-category N] [--seed N]\n");
    return 2;
  }
  return moerge::Run(options);
}
