#include "router/classify/lexical.h"

#include <algorithm>
#include <map>

#include "router/learn/folds.h"
#include "router/learn/margin_trainer.h"

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

// Weight of the shape of a text relative to its words, which have length 1.
constexpr float kShapeLength = 0.5f;

struct Trained {
  Vocabulary vocabulary;
  ShapeScale scale;
  LinearWeights weights;

  // A document's words, then its shape.
  void Cells(const TrainingSet& set, std::uint32_t document, std::vector<Feature>* cells) const {
    vocabulary.Project(set.documents[document], cells);
    scale.Append(set.shapes[document], static_cast<std::uint32_t>(vocabulary.size()), cells);
  }
};

// Weight of a category's score relative to a skill's own. On the shipped examples 0.1 to 0.35 do
// alike.
constexpr float kCategoryShare = 0.2f;

// The second level: scores are linear, so that a category's weights go into those of its skills.
// Where no two skills share a category, or all do, there is none.
void AddCategories(const TrainingSet& set, ClassTask task, const MarginOptions& options,
                   LinearWeights* weights) {
  if (set.category_count < 2 || set.category_count == set.skills.size()) return;
  std::vector<std::uint32_t> labels;
  for (const std::uint32_t skill : task.labels) labels.push_back(set.categories[skill]);
  task.labels = labels;
  task.classes = set.category_count;
  const LinearWeights coarse = TrainMargins(task, options);
  const auto add = [&](const float* from, float* to) {
    for (std::size_t s = 0; s < set.skills.size(); ++s) {
      to[s] += kCategoryShare * from[set.categories[s]];
    }
  };
  for (std::size_t feature = 0; feature < task.features; ++feature) {
    add(&coarse.values[feature * coarse.stride], &weights->values[feature * weights->stride]);
  }
  add(coarse.bias.data(), weights->bias.data());
}

Trained TrainOn(const TrainingSet& set, std::span<const std::uint32_t> members,
                const std::atomic<bool>* stop) {
  Trained trained;
  trained.vocabulary = Vocabulary::Build(set.documents, members, LimitsFor(set.skills.size()));
  trained.scale = ShapeScale(set.shapes, members, kShapeLength);
  SparseRows rows;
  std::vector<std::uint32_t> labels;
  std::vector<float> weights;
  std::vector<Feature> row;
  std::vector<std::uint32_t> all;
  for (const std::uint32_t member : members) {
    trained.Cells(set, member, &row);
    all.push_back(static_cast<std::uint32_t>(rows.size()));
    rows.Add(row);
    labels.push_back(set.labels[member]);
    weights.push_back(set.weights[member]);
  }
  MarginOptions options;
  options.stop = stop;
  const ClassTask task{
      &rows, all, trained.vocabulary.size() + kShapeFeatures, set.skills.size(), labels, weights};
  trained.weights = TrainMargins(task, options);
  AddCategories(set, task, options, &trained.weights);
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
      trained.Cells(set, member, &row);
      Scores(trained.weights, row, &scores);
      held_out.scores.insert(held_out.scores.end(), scores.begin(),
                             scores.begin() + static_cast<std::ptrdiff_t>(held_out.classes));
      held_out.labels.push_back(set.labels[member]);
      order->push_back(member);
    }
  }
  return held_out;
}

// What each row was taken for by the model that had not seen it. `order`: the rows as scored.
std::vector<ConfusionCount> CountConfusion(const TrainingSet& set, const HeldOut& held_out,
                                           const ScoreMixing& mixing,
                                           const std::vector<std::uint32_t>& order) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, ConfusionCount> cells;
  std::vector<float> scores;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const float* row = &held_out.scores[i * held_out.classes];
    scores.assign(row, row + held_out.classes);
    mixing.Apply(&scores);
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    const auto recognised = static_cast<std::uint32_t>(best);
    const std::uint32_t truth = held_out.labels[i];
    ConfusionCount& cell = cells.try_emplace({truth, recognised}).first->second;
    cell.truth = truth;
    cell.recognised = recognised;
    ++(set.observed[order[i]] ? cell.questions : cell.examples);
  }
  std::vector<ConfusionCount> counts;
  for (const auto& [place, cell] : cells) counts.push_back(cell);
  return counts;
}

}  // namespace

LexicalClassifier::LexicalClassifier(std::vector<std::string> skills, LinearModel words,
                                     ShapeModel shape, ScoreMixing mixing, const Quality& quality,
                                     std::vector<ConfusionCount> confusion)
    : TextClassifier(skills),
      names_(std::move(skills)),
      words_(std::move(words)),
      shape_(std::move(shape)),
      mixing_(std::move(mixing)),
      quality_(quality),
      confusion_(std::move(confusion)) {}

std::shared_ptr<const LexicalClassifier> LexicalClassifier::Train(const TrainingSet& set,
                                                                  const std::atomic<bool>* stop,
                                                                  SparseRows* demand) {
  const std::vector<std::uint32_t> rows = set.Labelled();
  std::vector<std::uint32_t> order;
  HeldOut held_out = CrossScore(set, rows, stop, &order);
  ScoreMixing mixing(held_out);
  const Quality quality = mixing.Measure(held_out);
  std::vector<ConfusionCount> confusion = CountConfusion(set, held_out, mixing, order);
  Trained trained = TrainOn(set, rows, stop);
  if (stop != nullptr && stop->load()) return nullptr;
  ShapeModel shape(trained.scale, trained.weights, trained.vocabulary.size());
  const std::shared_ptr<const LexicalClassifier> classifier(
      new LexicalClassifier(set.skills, LinearModel(std::move(trained.vocabulary), trained.weights),
                            std::move(shape), std::move(mixing), quality, std::move(confusion)));
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
      mixing_.Apply(&probabilities);
    } else if (!Score(set.documents[document], set.shapes[document], &probabilities)) {
      probabilities.clear();
    }
    row.clear();
    for (std::uint32_t s = 0; s < probabilities.size(); ++s) {
      if (probabilities[s] >= kLeast) row.push_back({s, probabilities[s]});
    }
    demand->Add(row);
  }
}

bool LexicalClassifier::Score(std::span<const Feature> features, const ShapeFeatures& shape,
                              std::vector<float>* out) const {
  if (skill_count() < 2 || words_.Score(features, out) == 0) return false;
  shape_.AddTo(shape, out);
  mixing_.Apply(out);
  return true;
}

std::string LexicalClassifier::Bytes() const {
  ByteWriter out;
  out.Put<std::uint64_t>(names_.size());
  for (const std::string& name : names_) out.PutText(name);
  words_.Write(&out);
  shape_.Write(&out);
  mixing_.Write(&out);
  out.Put(quality_);
  out.PutAll(confusion_);
  return out.Take();
}

std::shared_ptr<const LexicalClassifier> LexicalClassifier::Restore(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<std::string> names;
  const auto count = in.Get<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) names.push_back(in.GetText());
  auto words = LinearModel::Read(&in);
  auto shape = ShapeModel::Read(&in);
  auto mixing = ScoreMixing::Read(&in, names.size());
  const auto quality = in.Get<Quality>();
  auto confusion = in.GetAll<ConfusionCount>();
  const auto known = [&names](const ConfusionCount& cell) {
    return cell.truth < names.size() && cell.recognised < names.size();
  };
  const bool fits = words && shape && mixing && in.ok() && in.AtEnd() &&
                    words->outputs() == names.size() && shape->outputs() == names.size() &&
                    std::ranges::all_of(confusion, known);
  if (!fits) return nullptr;
  return std::shared_ptr<const LexicalClassifier>(
      new LexicalClassifier(std::move(names), std::move(*words), std::move(*shape),
                            std::move(*mixing), quality, std::move(confusion)));
}

}  // namespace moerge
