#include "router/learn/ridge.h"

#include <vector>

#include "router/learn/lanes.h"

// The loops over outputs are what training consists of.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

namespace moerge {
namespace {

// All systems side by side: matrices are feature-major, `stride_` numbers a feature.
class ConjugateGradients {
 public:
  explicit ConjugateGradients(const RidgeTask& task)
      : task_(task), stride_(PaddedOutputs(task.outputs)) {}

  LinearWeights Run() {
    const std::size_t size = task_.features * stride_;
    LinearWeights weights{task_.outputs, stride_, std::vector<float>(size, 0),
                          std::vector<float>(stride_, 0)};
    std::vector<float> residual = RightHandSide();
    std::vector<float> direction = residual;
    std::vector<double> square = Dots(residual, residual);
    std::vector<float> image(size);
    for (int i = 0; i < task_.iterations; ++i) {
      if (task_.stop != nullptr && task_.stop->load()) break;
      Multiply(direction, &image);
      const std::vector<float> step = Ratio(square, Dots(direction, image));
      Combine(direction, step, 1, &weights.values);
      Combine(image, step, -1, &residual);
      const std::vector<double> next = Dots(residual, residual);
      const std::vector<float> keep = Ratio(next, square);
      square = next;
      Turn(residual, keep, &direction);
    }
    return weights;
  }

 private:
  std::vector<float> RightHandSide() const {
    std::vector<float> side(task_.features * stride_, 0);
    std::vector<float> target(stride_, 0);
    for (std::size_t row = 0; row < task_.rows->size(); ++row) {
      for (std::size_t i = 0; i < task_.outputs; ++i)
        target[i] = task_.targets[row * task_.outputs + i];
      for (const Feature& cell : (*task_.rows)[row]) {
        AddScaled(&side[cell.bucket * stride_], target.data(), cell.value, stride_);
      }
    }
    return side;
  }

  // out = (X^T X + l2) in
  void Multiply(const std::vector<float>& in, std::vector<float>* out) const {
    const auto l2 = static_cast<float>(task_.l2);
    for (std::size_t i = 0; i < in.size(); ++i) (*out)[i] = l2 * in[i];
    std::vector<float> sum(stride_);
    for (std::size_t row = 0; row < task_.rows->size(); ++row) {
      sum.assign(stride_, 0);
      for (const Feature& cell : (*task_.rows)[row]) {
        AddScaled(sum.data(), &in[cell.bucket * stride_], cell.value, stride_);
      }
      for (const Feature& cell : (*task_.rows)[row]) {
        AddScaled(&(*out)[cell.bucket * stride_], sum.data(), cell.value, stride_);
      }
    }
  }

  std::vector<double> Dots(const std::vector<float>& a, const std::vector<float>& b) const {
    std::vector<double> dots(stride_, 0);
    for (std::size_t at = 0; at < a.size(); at += stride_) {
      for (std::size_t i = 0; i < stride_; ++i) {
        dots[i] += static_cast<double>(a[at + i]) * static_cast<double>(b[at + i]);
      }
    }
    return dots;
  }

  static std::vector<float> Ratio(const std::vector<double>& over,
                                  const std::vector<double>& under) {
    std::vector<float> ratio(over.size(), 0);
    for (std::size_t i = 0; i < over.size(); ++i) {
      if (under[i] > 1e-20) ratio[i] = static_cast<float>(over[i] / under[i]);
    }
    return ratio;
  }

  void Combine(const std::vector<float>& from, const std::vector<float>& step, float sign,
               std::vector<float>* to) const {
    for (std::size_t at = 0; at < from.size(); at += stride_) {
      for (std::size_t i = 0; i < stride_; ++i) (*to)[at + i] += sign * step[i] * from[at + i];
    }
  }

  void Turn(const std::vector<float>& residual, const std::vector<float>& keep,
            std::vector<float>* direction) const {
    for (std::size_t at = 0; at < residual.size(); at += stride_) {
      for (std::size_t i = 0; i < stride_; ++i) {
        (*direction)[at + i] = residual[at + i] + keep[i] * (*direction)[at + i];
      }
    }
  }

  const RidgeTask& task_;
  std::size_t stride_;
};

}  // namespace

LinearWeights SolveRidge(const RidgeTask& task) { return ConjugateGradients(task).Run(); }

}  // namespace moerge
