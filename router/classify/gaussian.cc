#include "router/classify/gaussian.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "router/classify/held_out_scores.h"
#include "router/classify/moments.h"
#include "router/classify/skill_means.h"
#include "router/classify/text_classifier.h"
#include "router/learn/folds.h"
#include "router/learn/name_bytes.h"

// The product of all skills with the projected text is what a decision consists of.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

namespace moerge {
namespace {

constexpr int kGaussianFolds = 4;
constexpr double kDiagonal = 0.05;      // how far the covariance is drawn toward its diagonal
constexpr std::size_t kMaxWidth = 512;  // skills that serve as coordinates, the first by name

// Eight sums side by side, in the same order on every machine.
float Dot(const float* __restrict a, const float* __restrict b, std::size_t size) {
  float sums[8] = {};
  const std::size_t whole = size / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) {
    for (std::size_t j = 0; j < 8; ++j) sums[j] += a[i + j] * b[i + j];
  }
  float sum = 0;
  for (const float part : sums) sum += part;
  for (std::size_t i = whole; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

void Score(const Discriminants& fit, std::span<const float> row, std::vector<float>* out) {
  out->resize(fit.bias.size());
  for (std::size_t c = 0; c < out->size(); ++c) {
    (*out)[c] = fit.bias[c] + Dot(&fit.weights[c * row.size()], row.data(), row.size());
  }
}

class Gaussian final : public TextClassifier {
 public:
  Gaussian(std::vector<std::string> skills, LinearModel means, Discriminants fit,
           const Calibration& calibration)
      : TextClassifier(skills),
        names_(std::move(skills)),
        means_(std::move(means)),
        fit_(std::move(fit)),
        calibration_(calibration) {}

  std::string_view name() const override { return "gaussian"; }

  std::string Bytes() const override {
    ByteWriter out;
    PutNames(names_, &out);
    means_.Write(&out);
    out.PutAll(fit_.weights);
    out.PutAll(fit_.bias);
    out.Put(calibration_);
    return out.Take();
  }

 private:
  bool Probabilities(const Reading& reading, std::vector<float>* out,
                     std::vector<std::string>* notes) const override {
    thread_local std::vector<float> row;
    if (skill_count() < 2 || means_.Score(reading.features(), &row) == 0) return false;
    row.resize(std::min(row.size(), kMaxWidth));
    Score(fit_, row, out);
    const auto best = std::max_element(out->begin(), out->end());
    char note[192];
    std::snprintf(
        note, sizeof note,
        "the normal density of `%.100s` is the highest, over cosines with %zu skills' means",
        names_[static_cast<std::size_t>(best - out->begin())].c_str(), row.size());
    notes->emplace_back(note);
    calibration_.Apply(out);
    return true;
  }

  std::vector<std::string> names_;
  LinearModel means_;
  Discriminants fit_;
  Calibration calibration_;
};

// The cosines of each labelled document with the skills' means, as of one never seen.
struct Coordinates {
  std::size_t width;
  std::vector<float> values;  // by row, then skill
  std::span<const float> operator[](std::size_t row) const { return {&values[row * width], width}; }
};

Coordinates CoordinatesOf(const SkillMeans& means, const std::vector<std::uint32_t>& rows,
                          std::size_t width) {
  Coordinates out{width, {}};
  std::vector<float> cosines;
  for (const std::uint32_t row : rows) {
    means.WithoutItself(row, &cosines);
    out.values.insert(out.values.end(), cosines.begin(),
                      cosines.begin() + static_cast<std::ptrdiff_t>(width));
  }
  return out;
}

// Two prompts per skill that are near its mean and far from the others: where few are stored, they
// say which way is up; among many they do not count.
Moments MadeUp(std::size_t skills, std::size_t width) {
  Moments moments(skills, width);
  for (std::size_t skill = 0; skill < skills; ++skill) {
    std::vector<float> point(width, 0.05f);
    if (skill < width) point[skill] = 0.4f;
    moments.Add(skill, point, 2);
  }
  return moments;
}

HeldOut CrossScoreOf(const Moments& all, const Coordinates& points,
                     const std::vector<std::uint32_t>& labels) {
  HeldOut held_out;
  held_out.classes = all.counts.size();
  std::vector<std::uint32_t> rows(labels.size());
  std::iota(rows.begin(), rows.end(), 0u);
  std::vector<float> scores;
  for (const Fold& fold : MakeFolds(rows, labels, kGaussianFolds)) {
    Moments rest = all;
    for (const std::uint32_t row : fold.test) rest.Add(labels[row], points[row], -1);
    const Discriminants fit = FitDiscriminants(rest, kDiagonal);
    for (const std::uint32_t row : fold.test) {
      Score(fit, points[row], &scores);
      held_out.scores.insert(held_out.scores.end(), scores.begin(), scores.end());
      held_out.labels.push_back(labels[row]);
    }
  }
  return held_out;
}

}  // namespace

ClassifierPtr TrainGaussian(const ClassifierTask& task) {
  const TrainingSet& set = task.set;
  const std::vector<std::uint32_t> rows = set.Labelled();
  const SkillMeans means(set, rows);
  const std::size_t width = std::min(set.skills.size(), kMaxWidth);
  const Coordinates points = CoordinatesOf(means, rows, width);
  if (task.stop != nullptr && task.stop->load()) return nullptr;
  Moments all = MadeUp(set.skills.size(), width);
  std::vector<std::uint32_t> labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    labels.push_back(set.labels[rows[i]]);
    all.Add(labels.back(), points[i]);
  }
  const Calibration calibration = Calibrate(CrossScoreOf(all, points, labels));
  return std::make_shared<const Gaussian>(set.skills, means.Model(),
                                          FitDiscriminants(all, kDiagonal), calibration);
}

ClassifierPtr RestoreGaussian(std::string_view bytes, const ClassifierTask&) {
  ByteReader in(bytes);
  std::vector<std::string> names = GetNames(&in);
  auto means = LinearModel::Read(&in);
  Discriminants fit;
  fit.weights = in.GetAll<float>();
  fit.bias = in.GetAll<float>();
  const auto calibration = in.Get<Calibration>();
  const std::size_t width = std::min(names.size(), kMaxWidth);
  const bool fits = means && in.ok() && in.AtEnd() && means->outputs() == names.size() &&
                    fit.bias.size() == names.size() && fit.weights.size() == names.size() * width;
  if (!fits) return nullptr;
  return std::make_shared<const Gaussian>(std::move(names), *std::move(means), std::move(fit),
                                          calibration);
}

}  // namespace moerge
