#include "router/onboard/skill_shares.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "registry/registry.h"

namespace moerge {
namespace {

constexpr double kCounted = 0.75;    // of the largest part
constexpr double kLeastOfAll = 0.1;  // of all trials
constexpr double kClaimed = 0.2;     // probability from which a description speaks of a skill
constexpr double kClaimFloor = 0.5;  // what an expert is expected to do without any claim

SkillShares Named(const Demand& demand) {
  SkillShares shares;
  for (const SkillProbability& part : demand.skills) {
    shares.emplace_back(NameOf(part.skill), part.probability);
  }
  return shares;
}

}  // namespace

SkillShares SharesOf(SkillShares demand) {
  std::stable_sort(demand.begin(), demand.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (demand.empty() || !(demand.front().second > 0)) return {};
  const double least = kCounted * demand.front().second;
  std::erase_if(demand, [&](const auto& part) { return part.second < least; });
  double sum = 0;
  for (const auto& part : demand) sum += part.second;
  for (auto& part : demand) part.second /= sum;
  return demand;
}

SkillShares SharesOf(const Demand& demand) { return SharesOf(Named(demand)); }

std::vector<Evidence> EvidenceOf(const std::vector<JudgedSample>& samples) {
  std::map<std::string, Evidence> sums;
  std::set<std::string> named;
  double trials = 0;
  const auto add = [&](const std::string& skill, double share, double score) {
    Evidence& sum = sums[skill];
    sum.skill = skill;
    sum.trials += share;
    sum.wins += share * score;
    trials += share;
  };
  for (const JudgedSample& sample : samples) {
    if (!sample.skill.empty()) {
      named.insert(sample.skill);
      add(sample.skill, 1, sample.score);
      continue;
    }
    for (const auto& [skill, share] : sample.shares) add(skill, share, sample.score);
  }
  std::vector<Evidence> evidence;
  for (auto& [skill, sum] : sums) {
    if (sum.trials < kLeastOfAll * trials && !named.contains(skill)) continue;
    sum.wins = std::clamp(sum.wins, 0.0, sum.trials);
    evidence.push_back(std::move(sum));
  }
  return evidence;
}

std::map<std::string, double> ClaimsOf(const Demand& description) {
  std::map<std::string, double> claims;
  for (const auto& [skill, probability] : Named(description)) {
    if (probability < kClaimed) continue;
    const double strength = kClaimFloor + (kClaimCap - kClaimFloor) * probability;
    claims[skill] = std::min(kClaimCap, std::round(strength * 100) / 100);
  }
  return claims;
}

}  // namespace moerge
