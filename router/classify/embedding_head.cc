#include "router/classify/embedding_head.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>

#include "config/base/random.h"
#include "registry/registry.h"
#include "router/classify/skill_ranking.h"
#include "router/learn/folds.h"
#include "router/learn/softmax.h"

namespace moerge {
namespace {

constexpr int kHeadFolds = 5;
constexpr std::size_t kNeighbours = 50;
// Cosines of one encoder lie close together; the fitted sharpness starts from a usual scale.
constexpr float kCosineScale = 16;

using Members = std::span<const std::uint32_t>;

// The vectors at length 1, side by side.
struct UnitRows {
  explicit UnitRows(const EmbeddingRows& rows) : dimensions(rows.vectors.front().size()) {
    std::vector<float> unit;
    for (const EmbeddingVector& vector : rows.vectors) {
      Unit(vector, &unit);
      values.insert(values.end(), unit.begin(), unit.end());
    }
  }
  std::span<const float> operator[](std::size_t row) const {
    return {values.data() + row * dimensions, dimensions};
  }
  std::size_t dimensions;
  std::vector<float> values;
};

float Dot(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// Weights by skill, then dimension: a linear probe, or the skills' mean directions.
class LinearScorer final : public EmbeddingScorer {
 public:
  std::vector<float> weights;
  std::vector<float> bias;

  void Score(const std::vector<float>& unit, std::vector<float>* out) const override {
    out->resize(bias.size());
    for (std::size_t skill = 0; skill < bias.size(); ++skill) {
      const std::span<const float> row(weights.data() + skill * unit.size(), unit.size());
      (*out)[skill] = bias[skill] + Dot(row, unit);
    }
  }
};

// Multinomial logistic regression by averaged stochastic gradient descent (Bottou 2010,
// "Large-Scale Machine Learning with Stochastic Gradient Descent"): the sum of losses and half the
// squared weights. Rows of length 1 suit a first step of this size.
class LogisticFit {
 public:
  LogisticFit(const UnitRows& rows, const EmbeddingRows& from) : rows_(rows), from_(from) {
    now_.weights.assign(from.skills.size() * rows.dimensions, 0);
    now_.bias.assign(from.skills.size(), 0);
  }

  std::unique_ptr<EmbeddingScorer> Run(Members members, const std::atomic<bool>* stop) {
    auto mean = std::make_unique<LinearScorer>(now_);
    std::vector<std::uint32_t> order(members.begin(), members.end());
    Random random(1);
    for (int epoch = 0; epoch < kEpochs; ++epoch) {
      if (stop != nullptr && stop->load()) break;
      for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.Below(i)]);
      for (const std::uint32_t row : order) Step(row, static_cast<float>(members.size()));
      if (epoch >= kEpochs / 2) Add(now_, mean.get());
    }
    return mean;
  }

 private:
  static constexpr int kEpochs = 20;
  static constexpr float kFirstStep = 4;

  void Step(std::uint32_t row, float rows) {
    const float step = kFirstStep / (1 + kFirstStep * steps_++ / rows);
    const std::span<const float> values = rows_[row];
    unit_.assign(values.begin(), values.end());
    now_.Score(unit_, &scores_);
    Softmax(scores_, 1);
    scores_[from_.labels[row]] -= 1;
    const float keep = std::max(0.0f, 1 - step / rows);
    for (std::size_t skill = 0; skill < scores_.size(); ++skill) {
      const float pull = step * scores_[skill];
      float* weights = now_.weights.data() + skill * values.size();
      for (std::size_t i = 0; i < values.size(); ++i)
        weights[i] = keep * weights[i] - pull * values[i];
      now_.bias[skill] -= 0.1f * pull;
    }
  }

  static void Add(const LinearScorer& from, LinearScorer* sum) {
    const float share = 1.0f / static_cast<float>(kEpochs - kEpochs / 2);
    for (std::size_t i = 0; i < from.weights.size(); ++i)
      sum->weights[i] += share * from.weights[i];
    for (std::size_t i = 0; i < from.bias.size(); ++i) sum->bias[i] += share * from.bias[i];
  }

  const UnitRows& rows_;
  const EmbeddingRows& from_;
  LinearScorer now_;
  std::vector<float> unit_;
  std::vector<float> scores_;
  float steps_ = 0;
};

std::unique_ptr<EmbeddingScorer> FitCentroids(const UnitRows& rows, const EmbeddingRows& from,
                                              Members members) {
  auto scorer = std::make_unique<LinearScorer>();
  scorer->weights.assign(from.skills.size() * rows.dimensions, 0);
  scorer->bias.assign(from.skills.size(), 0);
  for (const std::uint32_t row : members) {
    float* mean = scorer->weights.data() + from.labels[row] * rows.dimensions;
    for (std::size_t i = 0; i < rows.dimensions; ++i) mean[i] += rows[row][i];
  }
  for (std::size_t skill = 0; skill < from.skills.size(); ++skill) {
    const std::span<float> mean(scorer->weights.data() + skill * rows.dimensions, rows.dimensions);
    const float length = std::sqrt(Dot(mean, mean));
    // A skill without an example is never the nearest.
    if (!(length > 0)) scorer->bias[skill] = -kCosineScale;
    for (float& value : mean) value *= length > 0 ? kCosineScale / length : 0;
  }
  return scorer;
}

class KnnScorer final : public EmbeddingScorer {
 public:
  KnnScorer(const UnitRows& rows, const EmbeddingRows& from, Members members)
      : skills_(from.skills.size()) {
    for (const std::uint32_t row : members) {
      values_.insert(values_.end(), rows[row].begin(), rows[row].end());
      labels_.push_back(from.labels[row]);
    }
  }

  void Score(const std::vector<float>& unit, std::vector<float>* out) const override {
    thread_local std::vector<float> similar;
    thread_local std::vector<std::uint32_t> order;
    similar.resize(labels_.size());
    order.resize(labels_.size());
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t row = 0; row < labels_.size(); ++row) {
      similar[row] = Dot({values_.data() + row * unit.size(), unit.size()}, unit);
    }
    const std::size_t kept = std::min(kNeighbours, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                      [](std::uint32_t a, std::uint32_t b) {
                        return similar[a] != similar[b] ? similar[a] > similar[b] : a < b;
                      });
    Vote({order.data(), kept}, similar, out);
  }

 private:
  // Logarithms of shares, with half a vote spread over all skills.
  void Vote(Members nearest, const std::vector<float>& similar, std::vector<float>* out) const {
    out->assign(skills_, 0.5f / static_cast<float>(skills_));
    float total = 0.5f;
    for (const std::uint32_t row : nearest) {
      const float weight = std::exp(kCosineScale * (similar[row] - similar[nearest[0]]));
      (*out)[labels_[row]] += weight;
      total += weight;
    }
    for (float& share : *out) share = std::log(share / total);
  }

  std::size_t skills_;
  std::vector<float> values_;
  std::vector<std::uint32_t> labels_;
};

std::unique_ptr<EmbeddingScorer> Fit(HeadKind kind, const UnitRows& rows, const EmbeddingRows& from,
                                     Members members, const std::atomic<bool>* stop) {
  if (kind == HeadKind::kCentroid) return FitCentroids(rows, from, members);
  if (kind == HeadKind::kKnn) return std::make_unique<KnnScorer>(rows, from, members);
  return LogisticFit(rows, from).Run(members, stop);
}

bool Stopped(const std::atomic<bool>* stop) { return stop != nullptr && stop->load(); }

HeldOut HoldOut(HeadKind kind, const UnitRows& rows, const EmbeddingRows& from, Members members,
                const std::atomic<bool>* stop) {
  HeldOut out;
  out.classes = from.skills.size();
  std::vector<float> unit;
  std::vector<float> scores;
  for (const Fold& fold : MakeFolds(members, from.labels, kHeadFolds)) {
    if (Stopped(stop)) return out;
    const auto scorer = Fit(kind, rows, from, fold.train, stop);
    for (const std::uint32_t row : fold.test) {
      unit.assign(rows[row].begin(), rows[row].end());
      scorer->Score(unit, &scores);
      out.scores.insert(out.scores.end(), scores.begin(), scores.end());
      out.labels.push_back(from.labels[row]);
    }
  }
  return out;
}

}  // namespace

std::string_view HeadKindName(HeadKind kind) {
  switch (kind) {
    case HeadKind::kLogistic: return "logistic";
    case HeadKind::kCentroid: return "centroid";
    case HeadKind::kKnn: return "knn";
  }
  return "logistic";
}

std::shared_ptr<const EmbeddingHead> EmbeddingHead::Train(const EmbeddingRows& rows, HeadKind kind,
                                                          const std::atomic<bool>* stop) {
  if (rows.vectors.empty() || rows.skills.empty()) return nullptr;
  const UnitRows units(rows);
  std::vector<std::uint32_t> all(rows.vectors.size());
  std::iota(all.begin(), all.end(), 0u);
  const HeldOut held_out = HoldOut(kind, units, rows, all, stop);
  std::shared_ptr<EmbeddingHead> head(new EmbeddingHead());
  if (!held_out.labels.empty()) {
    head->sharpness_ = FitSharpness(held_out);
    head->quality_ = Measure(held_out, head->sharpness_);
  }
  head->scorer_ = Fit(kind, units, rows, all, stop);
  if (Stopped(stop)) return nullptr;
  head->dimensions_ = units.dimensions;
  for (const std::string& skill : rows.skills) head->skills_.push_back(InternSkill(skill));
  return head;
}

bool EmbeddingHead::Classify(const EmbeddingVector& vector, Demand* demand) const {
  if (vector.size() != dimensions_) return false;
  std::vector<float> unit;
  std::vector<float> scores;
  Unit(vector, &unit);
  scorer_->Score(unit, &scores);
  Softmax(scores, sharpness_);
  demand->skills = MostProbable(skills_, scores);
  demand->confidence = demand->skills.empty() ? 0 : demand->skills.front().probability;
  return true;
}

}  // namespace moerge
