#include "router/learn/score_mixing.h"

#include <algorithm>
#include <cmath>

#include "router/learn/lanes.h"
#include "router/learn/row_sums.h"
#include "router/learn/softmax.h"

namespace moerge {
namespace {

// How strongly the matrix is drawn toward nothing, in rows' worth of log loss. With 350 rows of 14
// classes as with 7,000 anything between 30 and 300 does; less harms small sets.
constexpr float kShrinkage = 100;
constexpr int kSteps = 100;

// Accelerated gradient descent (Nesterov 1983) on what is mixed in besides the factor. Inputs are
// the centred, scaled scores of a row and a one for the bias.
class Fit {
 public:
  Fit(const HeldOut& held_out, float factor, const std::vector<float>& means)
      : held_out_(held_out),
        factor_(factor),
        means_(means),
        classes_(held_out.classes),
        stride_(PaddedColumns(classes_)) {}

  std::vector<float> Run() {
    const std::size_t size = (classes_ + 1) * stride_;
    std::vector<float> now(size, 0), ahead(size, 0), gradient(size);
    const float step = 1 / (Curvature() + kShrinkage);
    for (int i = 0; i < kSteps; ++i) {
      Gradient(ahead, &gradient);
      const auto momentum = static_cast<float>(i) / static_cast<float>(i + 3);
      for (std::size_t at = 0; at < size; ++at) {
        const float next = ahead[at] - step * gradient[at];
        ahead[at] = next + momentum * (next - now[at]);
        now[at] = next;
      }
    }
    return now;
  }

 private:
  void Inputs(std::size_t row, std::vector<float>* out) const {
    out->resize(classes_ + 1);
    for (std::size_t i = 0; i < classes_; ++i) {
      (*out)[i] = (held_out_.scores[row * classes_ + i] - means_[i]) * factor_;
    }
    (*out)[classes_] = 1;
  }

  void Gradient(const std::vector<float>& at, std::vector<float>* gradient) const {
    for (std::size_t i = 0; i < at.size(); ++i) (*gradient)[i] = kShrinkage * at[i];
    std::vector<float> inputs, outputs(stride_);
    for (std::size_t row = 0; row < held_out_.labels.size(); ++row) {
      Inputs(row, &inputs);
      std::fill(outputs.begin(), outputs.end(), 0.0f);
      for (std::size_t i = 0; i < classes_; ++i) {
        outputs[i] = held_out_.scores[row * classes_ + i] * factor_;
      }
      for (std::size_t i = 0; i <= classes_; ++i) {
        AddScaled(outputs.data(), &at[i * stride_], inputs[i], stride_);
      }
      Softmax({outputs.data(), classes_}, 1);
      std::fill(outputs.begin() + static_cast<std::ptrdiff_t>(classes_), outputs.end(), 0.0f);
      outputs[held_out_.labels[row]] -= 1;
      for (std::size_t i = 0; i <= classes_; ++i) {
        AddScaled(&(*gradient)[i * stride_], outputs.data(), inputs[i], stride_);
      }
    }
  }

  // An upper bound on the second derivative: half the largest eigenvalue of the inputs' squares, by
  // power iteration and a margin.
  float Curvature() const {
    std::vector<float> direction(classes_ + 1, 1), next, inputs;
    float length = 0;
    for (int i = 0; i < 12; ++i) {
      next.assign(classes_ + 1, 0);
      for (std::size_t row = 0; row < held_out_.labels.size(); ++row) {
        Inputs(row, &inputs);
        float along = 0;
        for (std::size_t j = 0; j <= classes_; ++j) along += inputs[j] * direction[j];
        for (std::size_t j = 0; j <= classes_; ++j) next[j] += along * inputs[j];
      }
      length = 0;
      for (const float value : next) length += value * value;
      length = std::sqrt(length);
      for (std::size_t j = 0; j <= classes_; ++j) direction[j] = next[j] / std::max(length, 1e-9f);
    }
    return 0.5f * 1.2f * length;
  }

  const HeldOut& held_out_;
  float factor_;
  const std::vector<float>& means_;
  std::size_t classes_;
  std::size_t stride_;
};

std::vector<float> Means(const HeldOut& held_out) {
  std::vector<double> sums(held_out.classes, 0);
  for (std::size_t i = 0; i < held_out.scores.size(); ++i) {
    sums[i % held_out.classes] += static_cast<double>(held_out.scores[i]);
  }
  std::vector<float> means;
  for (const double sum : sums) {
    means.push_back(static_cast<float>(sum / static_cast<double>(held_out.labels.size())));
  }
  return means;
}

}  // namespace

ScoreMixing::ScoreMixing(const HeldOut& held_out) : factor_(FitSharpness(held_out)) {
  if (held_out.classes < 2 || held_out.classes > kMaxClasses || held_out.labels.empty()) return;
  means_ = Means(held_out);
  matrix_ = Fit(held_out, factor_, means_).Run();
}

void ScoreMixing::Apply(std::vector<float>* scores) const {
  if (means_.empty()) return Softmax(*scores, factor_);
  const std::size_t classes = means_.size();
  const std::size_t stride = PaddedColumns(classes);
  thread_local std::vector<float> mixed, centred;
  mixed.assign(&matrix_[classes * stride], &matrix_[classes * stride] + stride);
  centred.resize(classes);
  for (std::size_t i = 0; i < classes; ++i) {
    centred[i] = ((*scores)[i] - means_[i]) * factor_;
    mixed[i] += (*scores)[i] * factor_;
  }
  AddRows(matrix_.data(), stride, centred, mixed.data());
  std::copy_n(mixed.begin(), classes, scores->begin());
  Softmax(*scores, 1);
}

Quality ScoreMixing::Measure(const HeldOut& held_out) const {
  // As logarithms of probabilities, which a factor of one leaves as they are.
  HeldOut mixed{held_out.classes, {}, held_out.labels};
  std::vector<float> row;
  for (std::size_t i = 0; i < held_out.labels.size(); ++i) {
    const float* from = &held_out.scores[i * held_out.classes];
    row.assign(from, from + held_out.classes);
    Apply(&row);
    for (const float p : row) mixed.scores.push_back(std::log(std::max(p, 1e-30f)));
  }
  return moerge::Measure(mixed, 1);
}

void ScoreMixing::Write(ByteWriter* out) const {
  out->Put(factor_);
  out->PutAll(means_);
  out->PutAll(matrix_);
}

std::optional<ScoreMixing> ScoreMixing::Read(ByteReader* in, std::size_t classes) {
  ScoreMixing mixing;
  mixing.factor_ = in->Get<float>();
  mixing.means_ = in->GetAll<float>();
  mixing.matrix_ = in->GetAll<float>();
  const std::size_t size = mixing.means_.empty() ? 0 : (classes + 1) * PaddedColumns(classes);
  const bool fits = in->ok() && (mixing.means_.empty() || mixing.means_.size() == classes) &&
                    mixing.matrix_.size() == size;
  if (!fits) return std::nullopt;
  return mixing;
}

}  // namespace moerge
