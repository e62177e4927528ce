#include "registry/evidence.h"

#include <map>
#include <string_view>
#include <tuple>

namespace moerge {

std::vector<Evidence> SummariseObservations(const std::vector<Observation>& observations) {
  struct Sum {
    double wins = 0;
    double trials = 0;
  };
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, Sum> sums;
  for (const Observation& one : observations) {
    const std::string_view skill = one.skill.empty() ? kGeneralSkill : std::string_view(one.skill);
    for (const auto& [expert, score] : one.scores) {
      Sum& sum = sums[{expert, skill, one.source}];
      sum.wins += score;
      sum.trials += 1;
    }
  }
  std::vector<Evidence> evidence;
  evidence.reserve(sums.size());
  for (const auto& [key, sum] : sums) {
    const auto& [expert, skill, source] = key;
    evidence.push_back(
        {std::string(expert), std::string(skill), sum.wins, sum.trials, std::string(source), {}});
  }
  return evidence;
}

}  // namespace moerge
