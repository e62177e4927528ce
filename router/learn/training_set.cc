#include "router/learn/training_set.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <set>

#include "config/base/hash.h"

namespace moerge {
namespace {

// Raise whenever training from equal content gives another model.
constexpr int kTrainingVersion = 6;

// Rare skills count more per row, frequent ones less, within these bounds.
constexpr double kLightest = 0.5;
constexpr double kHeaviest = 2.0;

std::vector<float> BalancedWeights(const std::vector<std::uint32_t>& labels, std::size_t skills) {
  std::vector<double> counts(skills, 0);
  double labelled = 0;
  for (const std::uint32_t label : labels) {
    if (label == TrainingSet::kNoSkill) continue;
    counts[label] += 1;
    labelled += 1;
  }
  const double mean = labelled / static_cast<double>(std::max<std::size_t>(skills, 1));
  std::vector<float> weights(labels.size(), 0);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == TrainingSet::kNoSkill) continue;
    const double weight = std::sqrt(mean / counts[labels[i]]);
    weights[i] = static_cast<float>(std::clamp(weight, kLightest, kHeaviest));
  }
  return weights;
}

}  // namespace

std::vector<std::uint32_t> TrainingSet::Labelled() const {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != kNoSkill) rows.push_back(i);
  }
  return rows;
}

std::vector<std::uint32_t> TrainingSet::Scored() const {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < labels.size(); ++i) {
    for (std::size_t e = 0; e < experts.size(); ++e) {
      if (std::isnan(scores[i * experts.size() + e])) continue;
      rows.push_back(i);
      break;
    }
  }
  return rows;
}

std::vector<std::uint32_t> TrainingSet::MostScored(std::size_t least, std::size_t most) const {
  std::vector<std::size_t> counts(experts.size(), 0);
  for (std::size_t i = 0; i < scores.size(); ++i)
    counts[i % counts.size()] += !std::isnan(scores[i]);
  std::vector<std::uint32_t> chosen(counts.size());
  std::iota(chosen.begin(), chosen.end(), 0u);
  std::erase_if(chosen, [&](std::uint32_t e) { return counts[e] < least; });
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return counts[a] > counts[b]; });
  if (chosen.size() > most) chosen.resize(most);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

void TrainingSetBuilder::Stamp(std::string_view text) {
  for (std::uint64_t& stamp : stamp_) stamp = Hash64(text, stamp);
}

void TrainingSetBuilder::AddText(std::string_view text, const std::string& skill,
                                 std::uint64_t order) {
  RequestText request;
  request.user = text;
  const Window window(request);
  rows_.push_back(
      {order, skill, ExtractFeatures(window), ExtractShape(window), ExtractTraits(window), {}});
  Stamp(skill);
  Stamp(text);
}

void TrainingSetBuilder::AddSkill(const Skill& skill) {
  const std::string& category = skill.category.empty() ? skill.name : skill.category;
  skills_.emplace(skill.name, SkillRow{category});
  Stamp(category);
  AddText(skill.name + ": " + skill.description, skill.name, 0);
  for (const std::string& example : skill.examples) AddText(example, skill.name, 0);
}

void TrainingSetBuilder::AddObservation(const Observation& observation) {
  const std::uint64_t order = Hash64(observation.id, Hash64(observation.source)) | 1;
  if (order > accept_below_) return;
  const bool labelled = skills_.contains(observation.skill);
  AddText(observation.prompt, labelled ? observation.skill : std::string(), order);
  rows_.back().scores = observation.scores;
  for (const auto& [expert, score] : observation.scores) {
    Stamp(expert);
    Stamp({reinterpret_cast<const char*>(&score), sizeof score});
  }
  if (++observations_ > kMaxObservations) Thin();
}

void TrainingSetBuilder::Thin() {
  accept_below_ /= 2;
  const auto dropped =
      std::erase_if(rows_, [&](const Row& row) { return row.order > accept_below_; });
  observations_ -= dropped;
}

void TrainingSetBuilder::NumberCategories(TrainingSet* set) const {
  std::map<std::string_view, std::uint32_t> numbers;
  for (const auto& [name, row] : skills_) {
    const auto next = static_cast<std::uint32_t>(numbers.size());
    set->categories.push_back(numbers.try_emplace(row.category, next).first->second);
  }
  set->category_count = numbers.size();
}

TrainingSet TrainingSetBuilder::Build() {
  TrainingSet set;
  for (auto& [name, row] : skills_) {
    row.index = set.skills.size();
    set.skills.push_back(name);
  }
  NumberCategories(&set);
  std::set<std::string> experts;
  for (const Row& row : rows_) {
    for (const auto& [expert, score] : row.scores) experts.insert(expert);
  }
  set.experts.assign(experts.begin(), experts.end());
  set.scores.assign(rows_.size() * set.experts.size(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    set.documents.Add(row.features);
    set.shapes.push_back(row.shape);
    row.features = {};
    set.traits.push_back(row.traits);
    set.observed.push_back(row.order != 0);
    set.labels.push_back(row.skill.empty() ? TrainingSet::kNoSkill
                                           : static_cast<std::uint32_t>(skills_[row.skill].index));
    for (const auto& [expert, score] : row.scores) {
      const auto at = std::lower_bound(set.experts.begin(), set.experts.end(), expert);
      set.scores[i * set.experts.size() + static_cast<std::size_t>(at - set.experts.begin())] =
          static_cast<float>(score);
    }
  }
  set.weights = BalancedWeights(set.labels, set.skills.size());
  char fingerprint[64];
  std::snprintf(fingerprint, sizeof fingerprint, "%d.%d.%016llx%016llx", kTrainingVersion,
                kFeatureVersion, static_cast<unsigned long long>(stamp_[0]),
                static_cast<unsigned long long>(stamp_[1]));
  set.fingerprint = fingerprint;
  return set;
}

}  // namespace moerge
