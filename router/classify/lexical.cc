#include "router/classify/lexical.h"

#include <algorithm>

#include "router/learn/folds.h"
#include "router/learn/softmax.h"

namespace moerge {
namespace {

constexpr int kFolds = 4;

// A feature costs a byte per skill in use and four in training, so many skills mean fewer features.
Vocabulary::Limits LimitsFor(std::size_t skills) {
  constexpr std::size_t kMaxWeights = 12u << 20;
  Vocabulary::Limits limits;
  limits.max_size = std::clamp<std::size_t>(kMaxWeights / std::max<std::size_t>(skills, 1),
                                            std::size_t{1} << 12, std::size_t{1} << 17);
  return limits;
}

struct Trained {
  Vocabulary vocabulary;
  LinearWeights weights;
};

Trained TrainOn(const TrainingSet& set, std::span<const std::uint32_t> members,
                const std::atomic<bool>* stop) {
  Trained trained;
  trained.vocabulary = Vocabulary::Build(set.documents, members, LimitsFor(set.skills.size()));
  SparseRows rows;
  std::vector<std::uint32_t> labels;
  std::vector<float> weights;
  std::vector<Feature> row;
  std::vector<std::uint32_t> all;
  for (const std::uint32_t member : members) {
    trained.vocabulary.Project(set.documents[member], &row);
    all.push_back(static_cast<std::uint32_t>(rows.size()));
    rows.Add(row);
    labels.push_back(set.labels[member]);
    weights.push_back(set.weights[member]);
  }
  TrainOptions options;
  options.l2 = 0.03;
  options.epochs = 10;
  options.stop = stop;
  const ClassTask task{&rows, all, trained.vocabulary.size(), set.skills.size(), labels, weights};
  trained.weights = TrainClasses(task, options);
  return trained;
}

// Scores every row by a model that has not seen it.
HeldOut CrossScore(const TrainingSet& set, const std::vector<std::uint32_t>& rows,
                   const std::atomic<bool>* stop) {
  HeldOut held_out;
  held_out.classes = set.skills.size();
  std::vector<Feature> row;
  std::vector<float> scores;
  for (const Fold& fold : MakeFolds(rows, set.labels, kFolds)) {
    const Trained trained = TrainOn(set, fold.train, stop);
    for (const std::uint32_t member : fold.test) {
      trained.vocabulary.Project(set.documents[member], &row);
      Scores(trained.weights, row, &scores);
      held_out.scores.insert(held_out.scores.end(), scores.begin(),
                             scores.begin() + static_cast<std::ptrdiff_t>(held_out.classes));
      held_out.labels.push_back(set.labels[member]);
    }
  }
  return held_out;
}

}  // namespace

LexicalClassifier::LexicalClassifier(std::vector<std::string> skills, LinearModel model,
                                     float sharpness, const Quality& quality)
    : TextClassifier(skills),
      names_(std::move(skills)),
      model_(std::move(model)),
      sharpness_(sharpness),
      quality_(quality) {}

std::shared_ptr<const LexicalClassifier> LexicalClassifier::Train(const TrainingSet& set,
                                                                  const std::atomic<bool>* stop) {
  const std::vector<std::uint32_t> rows = set.Labelled();
  const HeldOut held_out = CrossScore(set, rows, stop);
  const float sharpness = FitSharpness(held_out);
  const Quality quality = Measure(held_out, sharpness);
  Trained trained = TrainOn(set, rows, stop);
  if (stop != nullptr && stop->load()) return nullptr;
  return std::shared_ptr<const LexicalClassifier>(new LexicalClassifier(
      set.skills, LinearModel(std::move(trained.vocabulary), trained.weights), sharpness, quality));
}

bool LexicalClassifier::Probabilities(std::span<const Feature> features,
                                      std::vector<float>* out) const {
  if (skill_count() < 2 || model_.Score(features, out) == 0) return false;
  Softmax(*out, sharpness_);
  return true;
}

std::string LexicalClassifier::Bytes() const {
  ByteWriter out;
  out.Put<std::uint64_t>(names_.size());
  for (const std::string& name : names_) out.PutText(name);
  model_.Write(&out);
  out.Put(sharpness_);
  out.Put(quality_);
  return out.Take();
}

std::shared_ptr<const LexicalClassifier> LexicalClassifier::Restore(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<std::string> names;
  const auto count = in.Get<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) names.push_back(in.GetText());
  auto model = LinearModel::Read(&in);
  const auto sharpness = in.Get<float>();
  const auto quality = in.Get<Quality>();
  if (!model || !in.ok() || !in.AtEnd() || model->outputs() != names.size()) return nullptr;
  return std::shared_ptr<const LexicalClassifier>(
      new LexicalClassifier(std::move(names), std::move(*model), sharpness, quality));
}

}  // namespace moerge
