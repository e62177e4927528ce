#include "router/profile/competence.h"

#include <algorithm>
#include <cmath>

// The loop over experts decides how long a decision among thousands takes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

namespace moerge {
namespace {

void AddColumn(const float* __restrict column, float probability, std::size_t size,
               float* __restrict score, float* __restrict covered) {
  for (std::size_t i = 0; i < size; ++i) {
    const float known = column[i] >= 0 ? probability : 0.0f;
    score[i] += known * column[i];
    covered[i] += known;
  }
}

float Rest(std::span<const SkillProbability> demand) {
  float rest = 1;
  for (const SkillProbability& part : demand) rest -= part.probability;
  return std::max(rest, 0.0f);
}

}  // namespace

Competence::Competence(SnapshotPtr snapshot)
    : snapshot_(std::move(snapshot)), columns_(snapshot_->skills.size()) {
  overall_.reserve(snapshot_->experts.size());
  general_.reserve(snapshot_->experts.size());
  for (const ExpertEntry& expert : snapshot_->experts) {
    overall_.push_back(OverallOf(expert));
    const Overall& overall = overall_.back();
    general_.push_back(overall.general ? static_cast<float>(overall.strength.mean) : kNone);
  }
}

Competence::~Competence() {
  for (const auto& column : columns_) delete column.load();
}

const Competence::Column* Competence::ColumnOf(SkillId skill) const {
  const SkillEntry* entry = snapshot_->FindSkill(skill);
  if (entry == nullptr) return nullptr;
  const auto index = static_cast<std::size_t>(entry - snapshot_->skills.data());
  const Column* column = columns_[index].load(std::memory_order_acquire);
  return column != nullptr ? column : BuildColumn(index);
}

const Competence::Column* Competence::BuildColumn(std::size_t skill) const {
  const std::lock_guard lock(mutex_);
  if (const Column* built = columns_[skill].load(std::memory_order_acquire)) return built;
  auto column = std::make_unique<Column>();
  column->means.reserve(size());
  column->variances.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) {
    const Posterior posterior = At(i, snapshot_->skills[skill].id);
    column->means.push_back(posterior.known ? static_cast<float>(posterior.mean) : kNone);
    column->variances.push_back(static_cast<float>(posterior.Variance()));
  }
  columns_[skill].store(column.get(), std::memory_order_release);
  return column.release();
}

void Competence::Expect(std::span<const SkillProbability> demand, Expectation* out) const {
  out->score.assign(size(), 0);
  out->covered.assign(size(), 0);
  // What is demanded beyond the listed skills, or of a skill that is gone, is unknown.
  float rest = Rest(demand);
  for (const SkillProbability& part : demand) {
    const Column* column = ColumnOf(part.skill);
    if (column == nullptr) {
      rest += part.probability;
      continue;
    }
    AddColumn(column->means.data(), part.probability, size(), out->score.data(),
              out->covered.data());
  }
  AddColumn(general_.data(), rest, size(), out->score.data(), out->covered.data());
}

double Competence::Deviation(std::span<const SkillProbability> demand, std::size_t expert) const {
  double variance = 0;
  for (const SkillProbability& part : demand) {
    const double p = part.probability;
    if (p < 0.01) continue;  // counts squared: next to nothing
    const Column* column = ColumnOf(part.skill);
    variance += p * p *
                (column != nullptr ? static_cast<double>(column->variances[expert])
                                   : At(expert, part.skill).Variance());
  }
  const double rest = Rest(demand);
  if (overall_[expert].general) variance += rest * rest * overall_[expert].strength.Variance();
  return std::sqrt(variance);
}

Posterior Competence::At(std::size_t expert, SkillId skill) const {
  return PosteriorOf(snapshot_->experts[expert], overall_[expert], skill);
}

}  // namespace moerge
