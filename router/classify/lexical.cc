#include "router/classify/lexical.h"

#include <algorithm>

#include "router/learn/folds.h"
#include "router/learn/softmax.h"

namespace moerge {
namespace {

// Calibrating many skills takes long and gains little from more folds.
int FoldsFor(std::size_t skills) { return skills > 200 ? 2 : 4; }

// A feature costs two bytes per skill in use and four in training: many skills mean fewer features.
Vocabulary::Limits LimitsFor(std::size_t skills) {
  constexpr std::size_t kMaxWeights = 6u << 20;
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

// Scores every row by a model that has not seen it. `order` gets the rows as they were scored.
HeldOut CrossScore(const TrainingSet& set, const std::vector<std::uint32_t>& rows,
                   const std::atomic<bool>* stop, std::vector<std::uint32_t>* order) {
  HeldOut held_out;
  held_out.classes = set.skills.size();
  std::vector<Feature> row;
  std::vector<float> scores;
  for (const Fold& fold : MakeFolds(rows, set.labels, FoldsFor(set.skills.size()))) {
    const Trained trained = TrainOn(set, fold.train, stop);
    for (const std::uint32_t member : fold.test) {
      trained.vocabulary.Project(set.documents[member], &row);
      Scores(trained.weights, row, &scores);
      held_out.scores.insert(held_out.scores.end(), scores.begin(),
                             scores.begin() + static_cast<std::ptrdiff_t>(held_out.classes));
      held_out.labels.push_back(set.labels[member]);
      order->push_back(member);
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
                                                                  const std::atomic<bool>* stop,
                                                                  SparseRows* demand) {
  const std::vector<std::uint32_t> rows = set.Labelled();
  std::vector<std::uint32_t> order;
  HeldOut held_out = CrossScore(set, rows, stop, &order);
  const float sharpness = FitSharpness(held_out);
  const Quality quality = Measure(held_out, sharpness);
  Trained trained = TrainOn(set, rows, stop);
  if (stop != nullptr && stop->load()) return nullptr;
  const std::shared_ptr<const LexicalClassifier> classifier(new LexicalClassifier(
      set.skills, LinearModel(std::move(trained.vocabulary), trained.weights), sharpness, quality));
  if (demand != nullptr) classifier->CrossDemand(set, std::move(held_out.scores), order, demand);
  return classifier;
}

void LexicalClassifier::CrossDemand(const TrainingSet& set, std::vector<float> held_out,
                                    const std::vector<std::uint32_t>& members,
                                    SparseRows* demand) const {
  constexpr float kLeast = 0.01f;
  const std::size_t skills = set.skills.size();
  std::vector<const float*> scored(set.documents.size(), nullptr);
  for (std::size_t i = 0; i < members.size(); ++i) scored[members[i]] = &held_out[i * skills];
  std::vector<float> probabilities;
  std::vector<Feature> row;
  for (std::size_t document = 0; document < set.documents.size(); ++document) {
    if (const float* scores = scored[document]) {
      probabilities.assign(scores, scores + skills);
      Softmax(probabilities, sharpness_);
    } else if (!Score(set.documents[document], &probabilities)) {
      probabilities.clear();
    }
    row.clear();
    for (std::uint32_t s = 0; s < probabilities.size(); ++s) {
      if (probabilities[s] >= kLeast) row.push_back({s, probabilities[s]});
    }
    demand->Add(row);
  }
}

bool LexicalClassifier::Score(std::span<const Feature> features, std::vector<float>* out) const {
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
