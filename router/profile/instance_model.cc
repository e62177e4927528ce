#include "router/profile/instance_model.h"

#include <algorithm>
#include <cmath>

#include "registry/registry.h"
#include "router/learn/name_bytes.h"
#include "router/learn/ridge.h"

namespace moerge {
namespace {

struct Targets {
  std::vector<float> means;   // by expert
  std::vector<float> values;  // by row, then expert: score less mean; 0 where unknown
};

Targets Centre(const TrainingSet& set, const std::vector<std::uint32_t>& rows,
               const std::vector<std::uint32_t>& experts) {
  Targets targets;
  targets.values.assign(rows.size() * experts.size(), 0);
  for (std::size_t e = 0; e < experts.size(); ++e) {
    const auto score = [&](std::size_t row) {
      return set.scores[rows[row] * set.experts.size() + experts[e]];
    };
    double sum = 0;
    double count = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (std::isnan(score(row))) continue;
      sum += static_cast<double>(score(row));
      count += 1;
    }
    targets.means.push_back(static_cast<float>(sum / count));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const float known = score(row);
      if (!std::isnan(known)) targets.values[row * experts.size() + e] = known - targets.means[e];
    }
  }
  return targets;
}

// Fewer rows, more shrinking: with 25 rows per skill no choice should fall below the best single
// expert.
double Penalty(std::size_t rows) {
  return std::clamp(30 * std::sqrt(2000.0 / static_cast<double>(rows)), 30.0, 70.0);
}

// Weight of the shape of a text relative to its words, which have length 1.
constexpr float kShapeLength = 0.3f;

}  // namespace

void InstanceModel::Name(std::vector<std::string> experts, std::vector<std::string> skills) {
  for (const std::string& name : experts) experts_.push_back(InternExpert(name));
  for (const std::string& name : skills) skills_.push_back(InternSkill(name));
  expert_names_ = std::move(experts);
  skill_names_ = std::move(skills);
}

std::shared_ptr<const InstanceModel> InstanceModel::Train(const TrainingSet& set,
                                                          const SparseRows& demand,
                                                          const std::atomic<bool>* stop) {
  const std::vector<std::uint32_t> experts = set.MostScored(kMinScores, kMaxExperts);
  const std::vector<std::uint32_t> rows = set.Scored();
  if (experts.empty() || demand.size() != set.documents.size()) return nullptr;
  Vocabulary::Limits limits;
  limits.min_documents = 2;
  Vocabulary vocabulary = Vocabulary::Build(set.documents, rows, limits);
  const ShapeScale scale(set.shapes, rows, kShapeLength);
  const std::size_t first_shape = vocabulary.size();
  const auto first_skill = static_cast<std::uint32_t>(first_shape + kShapeFeatures);
  SparseRows cells;
  std::vector<Feature> row;
  for (const std::uint32_t document : rows) {
    vocabulary.Project(set.documents[document], &row);
    scale.Append(set.shapes[document], static_cast<std::uint32_t>(first_shape), &row);
    for (const Feature& part : demand[document])
      row.push_back({first_skill + part.bucket, part.value});
    cells.Add(row);
  }
  Targets targets = Centre(set, rows, experts);
  const LinearWeights weights = SolveRidge({&cells, first_skill + set.skills.size(), experts.size(),
                                            targets.values, Penalty(rows.size()), 25, stop});
  if (stop != nullptr && stop->load()) return nullptr;
  auto model = std::make_shared<InstanceModel>();
  model->rows_ = rows.size();
  model->means_ = std::move(targets.means);
  for (std::size_t s = 0; s < set.skills.size(); ++s) {
    const float* from = &weights.values[(first_skill + s) * weights.stride];
    model->by_skill_.insert(model->by_skill_.end(), from, from + experts.size());
  }
  model->shape_ = ShapeModel(scale, weights, first_shape);
  model->text_ = LinearModel(std::move(vocabulary), weights);
  std::vector<std::string> names;
  for (const std::uint32_t e : experts) names.push_back(set.experts[e]);
  model->Name(std::move(names), set.skills);
  return model;
}

void InstanceModel::Predict(std::span<const Feature> features, const ShapeFeatures& shape,
                            std::span<const SkillProbability> demand,
                            std::vector<float>* out) const {
  text_.Score(features, out);
  shape_.AddTo(shape, out);
  for (std::size_t e = 0; e < experts_.size(); ++e) (*out)[e] += means_[e];
  for (const SkillProbability& part : demand) {
    const auto at = std::find(skills_.begin(), skills_.end(), part.skill);
    if (at == skills_.end()) continue;
    const float* from =
        &by_skill_[static_cast<std::size_t>(at - skills_.begin()) * experts_.size()];
    for (std::size_t e = 0; e < experts_.size(); ++e) (*out)[e] += part.probability * from[e];
  }
  for (float& expected : *out) expected = std::clamp(expected, 0.01f, 0.99f);
}

std::string InstanceModel::Bytes() const {
  ByteWriter out;
  out.Put<std::uint64_t>(rows_);
  PutNames(expert_names_, &out);
  PutNames(skill_names_, &out);
  text_.Write(&out);
  shape_.Write(&out);
  out.PutAll(by_skill_);
  out.PutAll(means_);
  return out.Take();
}

std::shared_ptr<const InstanceModel> InstanceModel::Restore(std::string_view bytes) {
  ByteReader in(bytes);
  auto model = std::make_shared<InstanceModel>();
  model->rows_ = in.Get<std::uint64_t>();
  std::vector<std::string> experts = GetNames(&in);
  std::vector<std::string> skills = GetNames(&in);
  auto text = LinearModel::Read(&in);
  auto shape = ShapeModel::Read(&in);
  model->by_skill_ = in.GetAll<float>();
  model->means_ = in.GetAll<float>();
  const bool fits = text && shape && in.ok() && in.AtEnd() && text->outputs() == experts.size() &&
                    shape->outputs() == experts.size() && model->means_.size() == experts.size() &&
                    model->by_skill_.size() == experts.size() * skills.size();
  if (!fits) return nullptr;
  model->text_ = std::move(*text);
  model->shape_ = std::move(*shape);
  model->Name(std::move(experts), std::move(skills));
  return model;
}

}  // namespace moerge
