#include "router/recruit/sampling.h"

#include <algorithm>
#include <cmath>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "config/policy_options.h"

namespace moerge {
namespace {

double Gumbel(std::uint64_t seed) {
  Random random(seed);
  const double uniform = std::clamp(random.Uniform(), 1e-12, 1 - 1e-12);
  return -std::log(-std::log(uniform));
}

}  // namespace

std::vector<Drawn> DrawExperts(const RankInput& input, const Ranking& ranking, std::size_t draws) {
  const double temperature = input.policy.options->sampling_temperature;
  const std::uint64_t seed = Hash64(input.request.text.user, input.request.seed);
  std::vector<double> highest(draws, -INFINITY);
  std::vector<const Ranked*> winners(draws, nullptr);
  for (const Ranked& model : ranking.models) {
    const double strength = input.expert_table.competence.overall(model.expert).strength.mean;
    const double weight = static_cast<double>(model.expected) * strength / temperature;
    const std::uint64_t own = Hash64(input.expert_table.expert(model.expert).spec.name, seed);
    for (std::size_t draw = 0; draw < draws; ++draw) {
      const double lot = weight + Gumbel(own + draw);
      if (lot > highest[draw]) highest[draw] = lot, winners[draw] = &model;
    }
  }
  std::vector<Drawn> drawn;
  for (const Ranked* winner : winners) {
    const auto at = std::find_if(drawn.begin(), drawn.end(), [&](const Drawn& each) {
      return each.expert.expert == winner->expert;
    });
    at == drawn.end() ? drawn.push_back({*winner, 1}) : void(++at->times);
  }
  std::sort(drawn.begin(), drawn.end(), [](const Drawn& a, const Drawn& b) {
    if (a.times != b.times) return a.times > b.times;
    if (a.expert.utility != b.expert.utility) return a.expert.utility > b.expert.utility;
    return a.expert.expert < b.expert.expert;
  });
  return drawn;
}

}  // namespace moerge
