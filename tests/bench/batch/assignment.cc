// What it costs to assign 10,000 requests to 32 experts together, and what it gives up: real
// questions with recorded answers, each scored by a router that has not seen it, go to its own
// best expert, to one that chooses it, or to where a balanced assignment has it.
//   bench_assignment [--data DIR] [--folds N]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "config/base/hash.h"
#include "registry/registry.h"
#include "router/balance/assignment.h"
#include "router/offline/table_router.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"

namespace moerge {
namespace {

using AssignableRequests = std::vector<AssignableRequest>;
using AssignFunction = decltype(&AssignBalanced);

double CpuSeconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

// Experts of different strength, requests of fourteen kinds, and some chance.
AssignableRequests DrawMany(std::size_t count, std::uint32_t experts, float kinds, float chance) {
  std::mt19937_64 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> strength;
  for (std::uint32_t j = 0; j < experts; ++j) strength.push_back(0.5F + 0.1F * normal(random));
  std::vector<std::vector<float>> of_kind(14, strength);
  for (auto& kind : of_kind) {
    for (float& score : kind) score += kinds * normal(random);
  }
  AssignableRequests requests(count);
  for (AssignableRequest& request : requests) {
    request.key = random();
    const auto& scores = of_kind[random() % of_kind.size()];
    for (std::uint32_t j = 0; j < experts; ++j) {
      request.fitting.push_back({j, scores[j] + chance * normal(random)});
    }
  }
  return requests;
}

Capacities EvenCapacities(std::size_t experts, std::size_t requests, double factor) {
  return CapacitiesOf(std::vector<double>(experts, 1), requests, factor);
}

void TimeOne(const char* what, const AssignableRequests& requests, std::size_t experts) {
  const Capacities capacities = EvenCapacities(experts, requests.size(), 1);
  double seconds[2] = {};
  const AssignFunction functions[2] = {AssignBalanced, AssignByExpertChoice};
  for (int i = 0; i < 2; ++i) {
    const double begin = CpuSeconds();
    (void)functions[i](requests, capacities);
    seconds[i] = CpuSeconds() - begin;
  }
  std::printf("  %-42s %8.3f s %8.3f s\n", what, seconds[0], seconds[1]);
}

void TimeAll() {
  constexpr std::size_t kRequests = 10'000;
  constexpr std::uint32_t kExperts = 32;
  std::printf("%zu requests, %u experts, CPU time          balanced  by choice\n", kRequests,
              kExperts);
  TimeOne("strength, kinds and chance", DrawMany(kRequests, kExperts, 0.15F, 0.02F), kExperts);
  TimeOne("chance alone", DrawMany(kRequests, kExperts, 0, 0.3F), kExperts);
  TimeOne("strength and kinds: many ties", DrawMany(kRequests, kExperts, 0.15F, 0), kExperts);
  TimeOne("strength alone: all requests alike", DrawMany(kRequests, kExperts, 0, 0), kExperts);
}

// A question with what each expert is expected to score, and scored.
struct Asked {
  AssignableRequest request;
  std::vector<double> right;  // by expert
};

std::vector<Asked> AskAll(const std::vector<TableRow>& rows, int folds) {
  std::vector<Asked> asked;
  for (const Fold& fold : GroupedFolds(rows, folds, 1)) {
    const Parts parts = PartsOf(rows, fold);
    const auto router = TableRouter::Learn(parts.train, MidPool());
    if (!router) continue;
    for (const TableRow& row : parts.test) {
      Asked& one = asked.emplace_back();
      one.request.key = Hash64(row.prompt);
      for (const std::string& expert : MidPool()) one.right.push_back(ScoreOf(row, expert));
      for (const Candidate& candidate : router->Route(row.prompt, Policy()).candidates) {
        const auto at = std::ranges::find(MidPool(), NameOf(candidate.expert));
        const auto index = static_cast<std::uint32_t>(at - MidPool().begin());
        one.request.fitting.push_back({index, candidate.utility});
      }
    }
  }
  return asked;
}

void Report(const char* what, double factor, const std::vector<Asked>& asked,
            const std::vector<AssignedExperts>& assigned) {
  std::vector<double> load(MidPool().size(), 0);
  double right = 0;
  double lost = 0;
  double moved = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::uint32_t expert = assigned[i].experts.front();
    load[expert] += 1;
    right += asked[i].right[expert];
    lost += assigned[i].lost;
    moved += assigned[i].lost > 0 ? 1 : 0;
  }
  const auto count = static_cast<double>(asked.size());
  const double mean = count / static_cast<double>(load.size());
  std::printf("  %-14s %8.2f %8.2f %% %10.4f %8.1f %% %9.2f\n", what, factor, 100 * right / count,
              lost / count, 100 * moved / count, *std::ranges::max_element(load) / mean);
}

void Judge(const std::vector<TableRow>& rows, int folds) {
  const std::vector<Asked> asked = AskAll(rows, folds);
  AssignableRequests requests;
  for (const Asked& each : asked) requests.push_back(each.request);
  const std::size_t experts = MidPool().size();
  std::printf("\n%zu questions, %zu experts\n  %-14s %8s %10s %10s %10s %9s\n", asked.size(),
              experts, "", "capacity", "right", "lost", "rerouted", "max/mean");
  const auto all = static_cast<double>(experts);
  Report("none", 0, asked, AssignBalanced(requests, EvenCapacities(experts, requests.size(), all)));
  for (const double factor : {1.0, 1.25, 1.5, 2.0, 3.0}) {
    const Capacities capacities = EvenCapacities(experts, requests.size(), factor);
    Report("expert_choice", factor, asked, AssignByExpertChoice(requests, capacities));
    Report("balanced", factor, asked, AssignBalanced(requests, capacities));
  }
  double chance = 0;
  for (const Asked& each : asked) {
    chance += std::accumulate(each.right.begin(), each.right.end(), 0.0) / all;
  }
  std::printf("  %-14s %8.2f %8.2f %%\n", "any at random", 1.0,
              100 * chance / static_cast<double>(asked.size()));
}

int RunAssignment(const Arguments& arguments) {
  TimeAll();
  const std::string data = arguments.Text("--data");
  if (data.empty()) {
    std::printf("\nwithout --data no real questions are assigned\n");
    return 0;
  }
  int folds = 5;
  arguments.Number("--folds", 2, &folds);
  const auto rows = ReadRows(data);
  if (!rows) return 1;
  Judge(*rows, folds);
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) { return moerge::RunAssignment(moerge::Arguments(argc, argv)); }
