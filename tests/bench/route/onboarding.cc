// bench_onboarding --data DIR: leave one expert out (Nexus, Gritsch et al. 2024), cross-validated.
// Each expert of the pool that leads the others in some domain is added from K samples of the one
// where it leads most. How much of what measuring it everywhere gains there comes back, and how
// many decisions elsewhere change; with the best single expert and the oracle of that domain.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "router/offline/table_router.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"

namespace moerge {
namespace {

struct Case {
  std::string expert;
  std::string domain;
};

// Mean score by expert, then category.
using Means = std::map<std::string, std::map<std::string, double>>;

Means MeansOf(const std::vector<TableRow>& rows) {
  Means sums;
  std::map<std::string, double> counts;
  for (const TableRow& row : rows) {
    counts[row.category] += 1;
    for (const std::string& name : MidPool()) sums[name][row.category] += ScoreOf(row, name);
  }
  for (auto& expert : sums) {
    for (auto& [category, sum] : expert.second) sum /= counts[category];
  }
  return sums;
}

// Where the expert is furthest above the best of the others; no domain: nowhere.
Case CaseOf(const Means& means, const std::string& expert) {
  Case best{expert, ""};
  double widest = 0;
  for (const auto& [category, mean] : means.at(expert)) {
    double others = 0;
    for (const auto& [name, theirs] : means) {
      if (name != expert) others = std::max(others, theirs.at(category));
    }
    if (mean - others <= widest) continue;
    widest = mean - others;
    best.domain = category;
  }
  return best;
}

// The rows with scores of the pool; of `expert` only those of the first `samples` rows of
// the domain. -1: all of them.
std::vector<TableRow> Pooled(std::vector<TableRow> rows, const Case& one, int samples) {
  const Names& pool = MidPool();
  int left = samples;
  for (TableRow& row : rows) {
    const bool sample = row.category == one.domain && left > 0;
    left -= sample;
    const bool keep = samples < 0 || sample;
    std::erase_if(row.scores, [&](const auto& score) {
      const bool pooled = std::find(pool.begin(), pool.end(), score.first) != pool.end();
      return !pooled || (!keep && score.first == one.expert);
    });
  }
  return rows;
}

std::string First(const TableRouter& router, const std::string& prompt) {
  const Decision decision = router.Route(prompt, Policy());
  return decision.roster.empty() ? "" : std::string(NameOf(decision.roster[0].expert));
}

struct Outcome {
  double domain_right = 0;
  std::vector<std::string> elsewhere;
};

Outcome Run(const Parts& parts, const Case& one, int samples) {
  const auto router = TableRouter::Learn(Pooled(parts.train, one, samples));
  Outcome out;
  if (!router.ok()) return out;
  double domain = 0;
  for (const TableRow& row : parts.test) {
    const std::string first = First(*router, row.prompt);
    if (row.category != one.domain) {
      out.elsewhere.push_back(first);
      continue;
    }
    domain += 1;
    out.domain_right += ScoreOf(row, first);
  }
  out.domain_right *= 100 / domain;
  return out;
}

double Changed(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  double changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += before[i] != after[i];
  return 100 * changed / static_cast<double>(before.size());
}

// Answers of the domain that are right, in percent: by the best expert of the rest of the pool over
// all categories, and by whoever is right.
struct Bounds {
  double single = 0;
  double oracle = 0;
};

Bounds BoundsOf(const Parts& parts, const Case& one) {
  std::map<std::string, double> overall;
  for (const TableRow& row : parts.train) {
    for (const std::string& name : MidPool()) overall[name] += ScoreOf(row, name);
  }
  overall.erase(one.expert);
  const auto single = std::max_element(overall.begin(), overall.end(), [](auto& a, auto& b) {
                        return a.second < b.second;
                      })->first;
  Bounds bounds;
  double rows = 0;
  for (const TableRow& row : parts.test) {
    if (row.category != one.domain) continue;
    double best = 0;
    for (const std::string& name : MidPool()) best = std::max(best, ScoreOf(row, name));
    bounds.oracle += best;
    bounds.single += ScoreOf(row, single);
    rows += 1;
  }
  return {100 * bounds.single / rows, 100 * bounds.oracle / rows};
}

struct Total {
  double gained = 0;   // points in the domain, against being without the expert
  double changed = 0;  // percent of the decisions elsewhere
};

constexpr int kSamples[] = {20, 40, 100};

void RunCase(const Parts& parts, const Case& one, std::map<int, Total>* totals) {
  const Outcome without = Run(parts, one, 0);
  const Outcome full = Run(parts, one, -1);
  const Bounds bounds = BoundsOf(parts, one);
  std::printf(
      "%-28s %-18s best single of the rest %5.1f, without %5.1f, measured %5.1f (%4.1f %%), "
      "oracle %5.1f",
      one.expert.c_str(), one.domain.c_str(), bounds.single, without.domain_right,
      full.domain_right, Changed(without.elsewhere, full.elsewhere), bounds.oracle);
  (*totals)[-1].gained += full.domain_right - without.domain_right;
  (*totals)[-1].changed += Changed(without.elsewhere, full.elsewhere);
  for (const int samples : kSamples) {
    const Outcome added = Run(parts, one, samples);
    const double changed = Changed(without.elsewhere, added.elsewhere);
    std::printf("; %d samples %5.1f (%4.2f %%)", samples, added.domain_right, changed);
    (*totals)[samples].gained += added.domain_right - without.domain_right;
    (*totals)[samples].changed += changed;
  }
  std::printf("\n");
}

int Main(const std::string& folder) {
  const auto rows = ReadRows(folder);
  if (!rows) return 1;
  std::printf(
      "right in the domain, in %%; in brackets the share of decisions elsewhere that change\n");
  std::map<int, Total> totals;
  double cases = 0;
  for (const Fold& fold : GroupedFolds(*rows, 5, 1)) {
    const Parts parts = PartsOf(*rows, fold);
    const Means means = MeansOf(parts.train);
    for (const std::string& expert : MidPool()) {
      const Case one = CaseOf(means, expert);
      if (one.domain.empty()) continue;
      RunCase(parts, one, &totals);
      cases += 1;
    }
  }
  const Total full = totals[-1];
  std::printf("mean over %.0f cases: measured everywhere %+.2f points, %.2f %% elsewhere change\n",
              cases, full.gained / cases, full.changed / cases);
  for (const int samples : kSamples) {
    const Total& some = totals[samples];
    std::printf("  %3d samples: %+.2f points, %.0f %% of the gap; %.2f %% elsewhere change\n",
                samples, some.gained / cases, 100 * some.gained / full.gained,
                some.changed / cases);
  }
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const std::string folder = moerge::Arguments(argc, argv).Text("--data");
  if (folder.empty()) {
    std::fprintf(stderr, "usage: bench_onboarding --data DIR\n");
    return 2;
  }
  return moerge::Main(folder);
}
