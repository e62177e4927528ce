// Which variants of experts to keep under a memory budget: what the exact choice gains over simpler
// ones, and what it takes. Simulated: no answer of a model is in it.
//
//   bench_variants [EXPERTS]
//
// Experts of 7 to 70 billion parameters in 8, 6, 5, 4, 3 and 2 bits. A score in 8 bits is drawn
// from 0.5 to 0.9; fewer bits lose 0.5, 1, 4, 12 and 35 % of it, each expert up to twice or as
// little as none of that. How often an expert is asked falls as 1 / rank.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <vector>

#include "config/base/random.h"
#include "router/mapping/variants.h"

namespace moerge {
namespace {

constexpr double kBits[] = {8, 6, 5, 4, 3, 2};
constexpr double kLost[] = {0, 0.005, 0.01, 0.04, 0.12, 0.35};
constexpr double kSizes[] = {7, 8, 14, 32, 70};  // billions

std::vector<VariantFamily> Draw(std::uint64_t seed, std::size_t experts) {
  Random random(seed);
  std::vector<VariantFamily> families(experts);
  double total = 0;
  for (std::size_t i = 0; i < experts; ++i) {
    VariantFamily& family = families[i];
    family.share = 1.0 / static_cast<double>(i + 1);
    total += family.share;
    const double billions = kSizes[random.Below(std::size(kSizes))];
    const double score = 0.5 + 0.4 * random.Uniform();
    const double fragile = 2 * random.Uniform();
    for (std::uint32_t v = 0; v < std::size(kBits); ++v) {
      const double kept = std::max(0.0, 1 - fragile * kLost[v]);
      family.variants.push_back({v, billions * kBits[v] / 8 * 1.1, score * kept});
    }
  }
  for (VariantFamily& family : families) family.share /= total;
  return families;
}

// The variants with the most bits of which all fit, for every expert the same; nothing: none do.
std::optional<double> Uniform(const std::vector<VariantFamily>& families, double memory_gb) {
  for (std::size_t v = 0; v < std::size(kBits); ++v) {
    double sum = 0;
    double expected = 0;
    for (const VariantFamily& family : families) {
      sum += family.variants[v].memory_gb;
      expected += family.share * family.variants[v].expected;
    }
    if (sum <= memory_gb) return expected;
  }
  return std::nullopt;
}

// Those asked most first, in 4 bits, while there is room.
double MostAsked(const std::vector<VariantFamily>& families, double memory_gb) {
  double expected = 0;
  for (const VariantFamily& family : families) {
    const ExpertVariant& variant = family.variants[3];
    if (variant.memory_gb > memory_gb) continue;
    memory_gb -= variant.memory_gb;
    expected += family.share * variant.expected;
  }
  return expected;
}

// The step that gains most for each GB, again and again.
double Greedy(const std::vector<VariantFamily>& families, double memory_gb) {
  std::vector<std::optional<std::size_t>> kept(families.size());
  double expected = 0;
  while (true) {
    double best = 0;
    double size = 0;
    double gain = 0;
    std::size_t of = 0;
    std::size_t to = 0;
    for (std::size_t i = 0; i < families.size(); ++i) {
      for (std::size_t v = 0; v < families[i].variants.size(); ++v) {
        const ExpertVariant& variant = families[i].variants[v];
        const ExpertVariant before =
            kept[i] ? families[i].variants[*kept[i]] : ExpertVariant{.expert = 0};
        const double more = variant.memory_gb - before.memory_gb;
        const double better = families[i].share * (variant.expected - before.expected);
        if (more <= 0 || more > memory_gb || better / more <= best) continue;
        best = better / more;
        size = more;
        gain = better;
        of = i;
        to = v;
      }
    }
    if (best <= 0) return expected;
    kept[of] = to;
    memory_gb -= size;
    expected += gain;
  }
}

void Row(std::size_t experts, double part) {
  constexpr int kDraws = 20;
  double chosen = 0, uniform = 0, asked = 0, greedy = 0, worst = 0, milliseconds = 0;
  int fits = 0;
  int exact = 0;
  for (std::uint64_t seed = 1; seed <= kDraws; ++seed) {
    const std::vector<VariantFamily> families = Draw(seed, experts);
    double all = 0;
    for (const VariantFamily& family : families) all += family.variants[0].memory_gb;
    const double memory = part * all;
    const std::clock_t begin = std::clock();
    const VariantChoice choice = ChooseVariants(families, {memory});
    milliseconds += 1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    chosen += choice.expected;
    exact += choice.exact;
    const auto same = Uniform(families, memory);
    uniform += same.value_or(0);
    fits += same.has_value();
    asked += MostAsked(families, memory);
    const double simple = Greedy(families, memory);
    greedy += simple;
    worst = std::max(worst, choice.expected - simple);
  }
  std::printf(
      "| %2.0f %% | %.4f | %d of %d | %.4f | %.4f | %.4f (%d of %d fit) | %.4f | %.2f ms |\n",
      100 * part, chosen / kDraws, exact, kDraws, greedy / kDraws, worst,
      fits > 0 ? uniform / fits : 0.0, fits, kDraws, asked / kDraws, milliseconds / kDraws);
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const auto experts = static_cast<std::size_t>(argc > 1 ? std::atoi(argv[1]) : 32);
  std::printf("%zu experts in six variants each, mean of 20 draws\n\n", experts);
  std::printf(
      "| memory, of all in 8 bits | chosen | exact | greedy | greedy loses at most | all alike | "
      "most asked in 4 bits | CPU |\n|---|---|---|---|---|---|---|---|\n");
  for (const double part : {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0}) moerge::Row(experts, part);
}
