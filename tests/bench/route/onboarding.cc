// bench_onboarding --data DIR: an expert is added from samples of one domain alone. How much of
// what measuring it everywhere would gain there comes back, and how many decisions elsewhere
// change.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "config/base/hash.h"
#include "registry/registry.h"
#include "registry/table_reader.h"
#include "router/offline/table_router.h"

namespace moerge {
namespace {

constexpr const char* kPool[] = {"Meta-Llama-3_1-8B-Instruct",
                                 "Phi-3-mini-4k-instruct",
                                 "mathstral-7B",
                                 "Mixtral-8x7B-Instruct-v0.1",
                                 "Yi-34B",
                                 "c4ai-command-r-v01",
                                 "Qwen1.5-72B-Chat",
                                 "Meta-Llama-3-70B",
                                 "Qwen1.5-110B",
                                 "jamba-1.5-large"};

struct Case {
  const char* expert;
  const char* domain;
};
constexpr Case kCases[] = {{"mathstral-7B", "math"},
                           {"Qwen1.5-110B", "math"},
                           {"Meta-Llama-3-70B", "psychology"},
                           {"jamba-1.5-large", "law"}};

bool IsTest(const TableRow& row) { return Hash64(row.prompt) % 5 == 0; }

double ScoreOf(const TableRow& row, std::string_view expert) {
  for (const auto& [name, score] : row.scores) {
    if (name == expert) return score;
  }
  return 0;
}

// The training rows with scores of the pool; of `expert` only those of the first `samples` rows of
// the domain. -1: all of them.
std::vector<TableRow> Rows(const std::vector<TableRow>& all, const Case& one, int samples) {
  std::vector<TableRow> rows;
  int left = samples;
  for (const TableRow& row : all) {
    if (IsTest(row)) continue;
    rows.push_back(row);
    const bool sample = row.category == one.domain && left > 0;
    left -= sample;
    const bool keep = samples < 0 || sample;
    std::erase_if(rows.back().scores, [&](const auto& score) {
      const bool pooled =
          std::find(std::begin(kPool), std::end(kPool), score.first) != std::end(kPool);
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

Outcome Run(const std::vector<TableRow>& all, const Case& one, int samples) {
  const auto router = TableRouter::Learn(Rows(all, one, samples));
  Outcome out;
  if (!router.ok()) return out;
  double domain = 0;
  for (const TableRow& row : all) {
    if (!IsTest(row)) continue;
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
  const auto table = ReadTable(folder + "/mmlu_pro_train.jsonl.gz");
  if (!table.ok()) {
    std::fprintf(stderr, "%s\n", table.error().message.c_str());
    return 1;
  }
  for (const Case& one : kCases) {
    const Outcome without = Run(table->rows, one, 0);
    const Outcome full = Run(table->rows, one, -1);
    std::printf("%s from %s: without %.2f, measured everywhere %.2f\n", one.expert, one.domain,
                without.domain_right, full.domain_right);
    for (const int samples : {20, 40, 100}) {
      const Outcome added = Run(table->rows, one, samples);
      std::printf("  %3d samples: %.2f in the domain, %.2f %% of the decisions elsewhere change\n",
                  samples, added.domain_right, Changed(without.elsewhere, added.elsewhere));
    }
  }
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const bool given = argc == 3 && std::strcmp(argv[1], "--data") == 0;
  if (!given) {
    std::fprintf(stderr, "usage: bench_onboarding --data DIR\n");
    return 2;
  }
  return moerge::Main(argv[2]);
}
