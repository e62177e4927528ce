#include "router/learn/logistic_trainer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "config/base/random.h"
#include "router/learn/lanes.h"
#include "router/learn/softmax.h"

// The loops over outputs are what training consists of.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

namespace moerge {
namespace {

// Gradient descent on W = scale * values, so that the shrinking by l2 is one multiplication a step.
class Descent {
 public:
  // Turns the scores of a row into the loss's gradient with respect to them.
  using Gradient = std::function<void(std::uint32_t row, float* scores)>;

  Descent(const SparseRows& rows, std::size_t features, std::size_t outputs)
      : rows_(rows), stride_(PaddedOutputs(outputs)) {
    weights_.outputs = outputs;
    weights_.stride = stride_;
    weights_.values.assign(features * stride_, 0);
    weights_.bias.assign(stride_, 0);
    scores_.assign(stride_, 0);
  }

  LinearWeights Run(std::span<const std::uint32_t> members, const LogisticOptions& options,
                    const Gradient& gradient) {
    std::vector<std::uint32_t> order(members.begin(), members.end());
    Random random(options.seed);
    lambda_ = options.l2 / std::max<double>(1, static_cast<double>(order.size()));
    total_ = static_cast<double>(order.size()) * options.epochs;
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
      if (options.stop != nullptr && options.stop->load()) break;
      Shuffle(&order, &random);
      for (const std::uint32_t row : order) Step(row, gradient);
    }
    Fold();
    return std::move(weights_);
  }

 private:
  static void Shuffle(std::vector<std::uint32_t>* order, Random* random) {
    for (std::size_t i = order->size(); i > 1; --i) {
      std::swap((*order)[i - 1], (*order)[random->Below(i)]);
    }
  }

  void Step(std::uint32_t row, const Gradient& gradient) {
    Predict(row);
    gradient(row, scores_.data());
    // From bold to fine: linear decay ends where averaging would.
    const double left = 1 - steps_ / total_;
    const double rate = kRate * left / (1 + kRate * lambda_ * steps_);
    ++steps_;
    scale_ *= 1 - rate * lambda_;
    if (scale_ < 1e-4) Fold();
    const auto step = static_cast<float>(-rate / scale_);
    for (const Feature& cell : rows_[row]) {
      AddScaled(&weights_.values[cell.bucket * stride_], scores_.data(), step * cell.value,
                stride_);
    }
    AddScaled(weights_.bias.data(), scores_.data(), static_cast<float>(-rate * kBiasRate), stride_);
  }

  void Predict(std::uint32_t row) {
    std::fill(scores_.begin(), scores_.end(), 0.0f);
    for (const Feature& cell : rows_[row]) {
      AddScaled(scores_.data(), &weights_.values[cell.bucket * stride_], cell.value, stride_);
    }
    const auto scale = static_cast<float>(scale_);
    for (std::size_t i = 0; i < stride_; ++i) scores_[i] = scores_[i] * scale + weights_.bias[i];
  }

  void Fold() {
    const auto scale = static_cast<float>(scale_);
    for (float& value : weights_.values) value *= scale;
    scale_ = 1;
  }

  static constexpr double kRate = 8;        // rows have length 1: measured best of 1..16
  static constexpr double kBiasRate = 0.1;  // the bias is in every row: it learns fast enough

  const SparseRows& rows_;
  std::size_t stride_;
  LinearWeights weights_;
  std::vector<float> scores_;
  double scale_ = 1;
  double lambda_ = 0;
  double steps_ = 0;
  double total_ = 1;
};

}  // namespace

LinearWeights TrainLogistic(const ClassTask& task, const LogisticOptions& options) {
  Descent descent(*task.rows, task.features, task.classes);
  return descent.Run(task.members, options, [&](std::uint32_t row, float* scores) {
    Softmax({scores, task.classes}, 1);
    scores[task.labels[row]] -= 1;
    for (std::size_t i = 0; i < task.classes; ++i) scores[i] *= task.weights[row];
  });
}

}  // namespace moerge
