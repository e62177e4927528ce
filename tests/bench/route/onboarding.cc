// bench_onboarding --data DIR: an expert is added from samples of one domain alone. How much of
// what measuring it everywhere would gain there comes back, and how many decisions elsewhere
// change.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "router/offline/table_router.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"

namespace moerge {
namespace {

struct Case {
  const char* expert;
  const char* domain;
};
constexpr Case kCases[] = {{"mathstral-7B", "math"},
                           {"Qwen1.5-110B", "math"},
                           {"Meta-Llama-3-70B", "psychology"},
                           {"jamba-1.5-large", "law"}};

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

int Main(const std::string& folder) {
  const auto rows = ReadRows(folder);
  if (!rows) return 1;
  const Parts parts = PartsOf(*rows, GroupedFolds(*rows, 5, 1).front());
  for (const Case& one : kCases) {
    const Outcome without = Run(parts, one, 0);
    const Outcome full = Run(parts, one, -1);
    std::printf("%s from %s: without %.2f, measured everywhere %.2f\n", one.expert, one.domain,
                without.domain_right, full.domain_right);
    for (const int samples : {20, 40, 100}) {
      const Outcome added = Run(parts, one, samples);
      std::printf("  %3d samples: %.2f in the domain, %.2f %% of the decisions elsewhere change\n",
                  samples, added.domain_right, Changed(without.elsewhere, added.elsewhere));
    }
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
