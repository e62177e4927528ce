#include "router/classify/skill_means.h"

#include <algorithm>
#include <cmath>

#include "router/classify/telling_words.h"

namespace moerge {
namespace {

std::size_t MaxFeatures(std::size_t skills) {
  constexpr std::size_t kMaxWeights = 6u << 20;
  return std::clamp<std::size_t>(kMaxWeights / std::max<std::size_t>(skills, 1),
                                 std::size_t{1} << 12, kBuckets);
}

std::vector<double> Lengths(const LinearWeights& weights) {
  std::vector<double> squares(weights.outputs, 0);
  for (std::size_t i = 0; i < weights.values.size(); ++i) {
    const auto value = static_cast<double>(weights.values[i]);
    squares[i % weights.stride] += value * value;
  }
  for (double& square : squares) square = std::sqrt(square);
  return squares;
}

}  // namespace

SkillMeans::SkillMeans(const TrainingSet& set, std::span<const std::uint32_t> members)
    : set_(set), vocabulary_(TellingWords(set.documents, members, MaxFeatures(set.skills.size()))) {
  const std::size_t skills = set.skills.size();
  unit_ = {skills, skills, std::vector<float>(vocabulary_.size() * skills, 0),
           std::vector<float>(skills, 0)};
  std::vector<Feature> row;
  for (const std::uint32_t member : members) {
    vocabulary_.Project(set.documents[member], &row);
    for (const Feature& cell : row) {
      unit_.values[cell.bucket * skills + set.labels[member]] += cell.value;
    }
  }
  lengths_ = Lengths(unit_);
  for (std::size_t i = 0; i < unit_.values.size(); ++i) {
    const double length = lengths_[i % skills];
    if (length > 0) unit_.values[i] /= static_cast<float>(length);
  }
}

void SkillMeans::WithoutItself(std::uint32_t member, std::vector<float>* out) const {
  thread_local std::vector<Feature> row;
  vocabulary_.Project(set_.documents[member], &row);
  out->assign(unit_.outputs, 0);
  for (const Feature& cell : row) {
    const float* weights = &unit_.values[cell.bucket * unit_.stride];
    for (std::size_t i = 0; i < unit_.outputs; ++i) (*out)[i] += cell.value * weights[i];
  }
  if (row.empty()) return;
  const std::uint32_t own = set_.labels[member];
  const double product = static_cast<double>((*out)[own]) * lengths_[own];
  const double square = lengths_[own] * lengths_[own] - 2 * product + 1;
  (*out)[own] = square > 1e-6 ? static_cast<float>((product - 1) / std::sqrt(square)) : 0.0f;
}

}  // namespace moerge
