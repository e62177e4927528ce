#include "registry/evidence.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "config/base/text.h"

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

std::string_view SourceFamily(std::string_view source) {
  constexpr std::string_view kForm = "@0000-00-00";
  if (source.size() <= kForm.size()) return source;
  const std::string_view date = source.substr(source.size() - kForm.size());
  const bool dated = std::equal(date.begin(), date.end(), kForm.begin(), [](char c, char form) {
    return form == '0' ? c >= '0' && c <= '9' : c == form;
  });
  return dated ? source.substr(0, source.size() - kForm.size()) : source;
}

std::string DatedSource(std::string_view family, WallTime time) {
  return std::string(family) + "@" + FormatTime(time).substr(0, 10);
}

}  // namespace moerge
