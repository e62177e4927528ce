// bench_skill_pairs --data DIR [--seed N]: requests that need two skills at once, made of two
// recorded questions of different categories: right is who is right in both. Is an expert's chance
// the product of its rates at the two, and is the expert that a policy asks for both skills the one
// that the product would name? The two questions fail apart by how pairs are made: what is checked
// is the rule, not that skills of a real request do.
#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "router/evaluate/skill_pairs.h"
#include "router/offline/table_router.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"
#include "tests/bench/route/measures.h"

namespace moerge {
namespace {

using ByCategory = std::map<std::string, std::vector<const TableRow*>>;

// One question of each category, and one score for both.
struct PairRow {
  std::string first, second;
  TableRow row;
};

std::vector<PairRow> PairsOf(const ByCategory& by_category) {
  std::vector<PairRow> pairs;
  for (auto a = by_category.begin(); a != by_category.end(); ++a) {
    for (auto b = std::next(a); b != by_category.end(); ++b) {
      const std::size_t count = std::min(a->second.size(), b->second.size());
      for (std::size_t i = 0; i < count; ++i) {
        TableRow row;
        row.id = a->second[i]->id + "+" + b->second[i]->id;
        row.category = a->first + "+" + b->first;
        for (const std::string& name : MidPool()) {
          row.scores.emplace_back(name,
                                  ScoreOf(*a->second[i], name) * ScoreOf(*b->second[i], name));
        }
        std::sort(row.scores.begin(), row.scores.end());
        pairs.push_back({a->first, b->first, std::move(row)});
      }
    }
  }
  return pairs;
}

// The expert with the highest product of the two posteriors.
std::string ByProduct(const TableRouter& router, const PairRow& pair) {
  const Snapshot& snapshot = *router.snapshot();
  std::string best;
  double highest = -1;
  for (const ExpertEntry& expert : snapshot.experts) {
    double product = 1;
    for (const std::string& skill : {pair.first, pair.second}) {
      product *= PosteriorOf(expert, OverallOf(expert), snapshot.FindSkill(skill)->id).mean;
    }
    if (product > highest) highest = product, best = expert.spec.name;
  }
  return best;
}

std::string Asked(const TableRouter& router, const PairRow& pair, const Policy& policy) {
  RouteRequest request;
  request.skills = {pair.first, pair.second};
  return std::string(NameOf(router.Route(request, policy).roster.front().expert));
}

void Judge(const TableRouter& router, const std::vector<PairRow>& pairs, Tally* tally) {
  Policy single;
  single.recruiter = "best-single";
  for (const PairRow& pair : pairs) {
    const std::string asked = Asked(router, pair, {});
    const std::string product = ByProduct(router, pair);
    tally->Add("right in both: best single", 100 * ScoreOf(pair.row, Asked(router, pair, single)));
    tally->Add("right in both: asked for both skills", 100 * ScoreOf(pair.row, asked));
    tally->Add("right in both: highest product", 100 * ScoreOf(pair.row, product));
    tally->Add("the two name the same expert", asked == product);
  }
}

void Predict(const std::vector<TableRow>& train, const std::vector<PairRow>& pairs,
             SkillPairs* counted) {
  std::vector<TableRow> rows = train;
  for (const PairRow& pair : pairs) rows.push_back(pair.row);
  Names experts = MidPool();
  std::sort(experts.begin(), experts.end());
  const Questions questions = Tabulate(rows, experts);
  std::vector<std::uint32_t> indices(rows.size());
  std::iota(indices.begin(), indices.end(), 0u);
  const std::span<const std::uint32_t> all(indices);
  counted->Add(questions, {all.first(train.size()), all.subspan(train.size())});
}

int Main(const std::string& folder, std::uint64_t seed) {
  const auto rows = ReadRows(folder);
  if (!rows) return 1;
  Tally tally;
  SkillPairs counted;
  for (const Fold& fold : GroupedFolds(*rows, 5, seed)) {
    const Parts parts = PartsOf(*rows, fold);
    const Result<TableRouter> router = TableRouter::Learn(parts.train, MidPool());
    if (!router) return 1;
    ByCategory by_category;
    for (const TableRow& row : parts.test) by_category[row.category].push_back(&row);
    const std::vector<PairRow> pairs = PairsOf(by_category);
    Judge(*router, pairs, &tally);
    Predict(parts.train, pairs, &counted);
  }
  const SkillPairReport report = counted.Report();
  std::printf(
      "%zu pairs of questions from %zu pairs of categories; an expert's rate is off by\n"
      "%.1f points when predicted by the product, by %.1f points by the mean\n",
      report.questions, report.pairs, 100 * report.product_error, 100 * report.mean_error);
  tally.Print();
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const moerge::Arguments arguments(argc, argv);
  std::uint64_t seed = 1;
  arguments.Number("--seed", 0, &seed);
  if (arguments.Text("--data").empty()) {
    std::fprintf(stderr, "usage: bench_skill_pairs --data DIR [--seed N]\n");
    return 2;
  }
  return moerge::Main(arguments.Text("--data"), seed);
}
