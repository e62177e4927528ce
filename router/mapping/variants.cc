#include "router/mapping/variants.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "registry/registry.h"
#include "router/mapping/budget_curve.h"
#include "router/mapping/mapping.h"

namespace moerge {
namespace {

constexpr std::uint32_t kNotKept = UINT32_MAX;
constexpr double kLeftOver = 1e-4;     // the share of a family that is best at nothing
constexpr double kSlackGb = 1e-9;      // GB
constexpr double kPackingStep = 0.01;  // of what the devices have

// What a family is asked, by skill, and how much of it there is.
struct FamilyDemand {
  std::vector<std::pair<SkillId, double>> asked;
};

double ScoreAt(const Competence& competence, std::uint32_t expert, SkillId skill) {
  const Posterior posterior = competence.At(expert, skill);
  const bool asked = !competence.snapshot()->experts[expert].Retired(skill);
  return posterior.known && asked ? posterior.mean : 0;
}

double BestAt(const Competence& competence, const VariantFamily& family, SkillId skill) {
  double best = 0;
  for (const ExpertVariant& variant : family.variants) {
    best = std::max(best, ScoreAt(competence, variant.expert, skill));
  }
  return best;
}

// Requests of a skill go to the family with the best expert; equal ones share them.
std::vector<FamilyDemand> DemandOf(const Competence& competence,
                                   const std::vector<VariantFamily>& families) {
  std::vector<FamilyDemand> demand(families.size());
  std::vector<double> scores(families.size());
  for (const SkillEntry& skill : competence.snapshot()->skills) {
    for (std::size_t i = 0; i < families.size(); ++i) {
      scores[i] = BestAt(competence, families[i], skill.id);
    }
    const double best = *std::ranges::max_element(scores);
    const auto equals = std::ranges::count(scores, best);
    const double each = FrequencyOf(*competence.snapshot(), skill.id) / static_cast<double>(equals);
    for (std::size_t i = 0; i < families.size(); ++i) {
      if (best > 0 && scores[i] == best) demand[i].asked.emplace_back(skill.id, each);
    }
  }
  return demand;
}

double ExpectedAt(const Competence& competence, std::uint32_t expert, const FamilyDemand& demand) {
  double sum = 0;
  double all = 0;
  for (const auto& [skill, weight] : demand.asked) {
    sum += weight * ScoreAt(competence, expert, skill);
    all += weight;
  }
  return all > 0 ? sum / all : 0;
}

// For those that are best at nothing.
FamilyDemand AllSkills(const Snapshot& snapshot) {
  FamilyDemand all;
  for (const SkillEntry& skill : snapshot.skills) {
    all.asked.emplace_back(skill.id, FrequencyOf(snapshot, skill.id));
  }
  if (all.asked.empty()) all.asked.emplace_back(InternSkill(kGeneralSkill), 1);
  return all;
}

void Weigh(const Competence& competence, std::vector<VariantFamily>* families) {
  std::vector<FamilyDemand> demand = DemandOf(competence, *families);
  const FamilyDemand all = AllSkills(*competence.snapshot());
  double total = 0;
  for (std::size_t i = 0; i < families->size(); ++i) {
    VariantFamily& family = (*families)[i];
    for (const auto& [skill, weight] : demand[i].asked) family.share += weight;
    total += family.share;
    const FamilyDemand& asked = demand[i].asked.empty() ? all : demand[i];
    for (ExpertVariant& variant : family.variants) {
      variant.expected = ExpectedAt(competence, variant.expert, asked);
    }
  }
  const double least = total > 0 ? kLeftOver * total : 1;
  double sum = 0;
  for (VariantFamily& family : *families) sum += family.share = std::max(family.share, least);
  for (VariantFamily& family : *families) family.share /= sum;
}

// A group's cost counts by its share, and memory does not.
BudgetGroup GroupOf(const VariantFamily& family, double most_gb) {
  BudgetGroup group{family.share, {{kNotKept, 0, 0}}};
  for (std::uint32_t i = 0; i < family.variants.size(); ++i) {
    const ExpertVariant& variant = family.variants[i];
    if (variant.memory_gb > most_gb + kSlackGb) continue;
    group.options.push_back({i, variant.memory_gb / family.share, variant.expected});
  }
  return group;
}

// Largest first, each on the device with the most room.
bool Fit(std::vector<double> sizes, const DeviceMemory& memory) {
  std::ranges::sort(sizes, std::greater<>());
  std::vector<double> room(static_cast<std::size_t>(std::max(memory.devices, 1)), memory.each_gb);
  for (const double size : sizes) {
    const auto most = std::ranges::max_element(room);
    if (size > *most + kSlackGb) return false;
    *most -= size;
  }
  return true;
}

VariantChoice ChoiceAt(std::span<const VariantFamily> families, const BudgetCurve& curve,
                       std::size_t point, std::vector<double>* sizes) {
  VariantChoice choice;
  choice.exact = curve.exact();
  const std::vector<std::uint32_t> picks = curve.Picks(point);
  for (std::size_t i = 0; i < families.size(); ++i) {
    std::optional<std::size_t>& kept = choice.kept.emplace_back();
    if (picks[i] == kNotKept) continue;
    kept = picks[i];
    const ExpertVariant& variant = families[i].variants[*kept];
    sizes->push_back(variant.memory_gb);
    choice.memory_gb += variant.memory_gb;
    choice.expected += families[i].share * variant.expected;
  }
  return choice;
}

}  // namespace

std::string_view FamilyOf(const Expert& expert) {
  for (const std::string& tag : expert.tags) {
    if (!tag.starts_with(kVariantTag) || tag.size() == kVariantTag.size()) continue;
    return std::string_view(tag).substr(kVariantTag.size());
  }
  return expert.name;
}

std::vector<VariantFamily> FamiliesOn(const Competence& competence, std::string_view backend,
                                      std::span<const double> memory_gb) {
  std::map<std::string_view, VariantFamily> by_name;
  const std::vector<ExpertEntry>& experts = competence.snapshot()->experts;
  for (std::uint32_t i = 0; i < experts.size(); ++i) {
    const Expert& expert = experts[i].spec;
    const bool there = experts[i].backend != nullptr && experts[i].backend->name == backend;
    if (!there || !expert.enabled || memory_gb[i] <= 0) continue;
    by_name[FamilyOf(expert)].variants.push_back({.expert = i, .memory_gb = memory_gb[i]});
  }
  std::vector<VariantFamily> families;
  for (auto& [name, family] : by_name) {
    family.name = name;
    families.push_back(std::move(family));
  }
  if (!families.empty()) Weigh(competence, &families);
  return families;
}

VariantChoice ChooseVariants(std::span<const VariantFamily> families, const DeviceMemory& memory) {
  std::vector<BudgetGroup> groups;
  for (const VariantFamily& family : families) groups.push_back(GroupOf(family, memory.each_gb));
  if (groups.empty()) return {};
  const BudgetCurve curve(groups);
  const double all = memory.each_gb * std::max(memory.devices, 1);
  for (double budget = all;; budget -= kPackingStep * all) {
    // Nothing kept costs nothing, so there is always a choice.
    const auto point = curve.Within(std::max(budget, 0.0) + kSlackGb);
    std::vector<double> sizes;
    VariantChoice choice = ChoiceAt(families, curve, *point, &sizes);
    if (budget <= 0 || Fit(sizes, memory)) {
      choice.exact = choice.exact && (budget == all);
      return choice;
    }
  }
}

}  // namespace moerge
