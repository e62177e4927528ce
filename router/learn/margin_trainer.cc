#include "router/learn/margin_trainer.h"

#include <algorithm>

#include "config/base/random.h"
#include "router/learn/lanes.h"

// The loops over classes are what training consists of.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

namespace moerge {
namespace {

class DualDescent {
 public:
  DualDescent(const ClassTask& task, double cost)
      : task_(task), cost_(cost), stride_(PaddedOutputs(task.classes)), scores_(stride_, 0) {
    weights_ = {task.classes, stride_, std::vector<float>(task.features * stride_, 0),
                std::vector<float>(stride_, 0)};
    duals_.assign(task.members.size() * task.classes, 0);
    for (const std::uint32_t row : task.members) {
      float square = kBias * kBias;
      for (const Feature& cell : (*task.rows)[row]) square += cell.value * cell.value;
      squares_.push_back(square);
    }
  }

  LinearWeights Run(const MarginOptions& options) {
    std::vector<std::uint32_t> order(task_.members.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    Random random(options.seed);
    for (int pass = 0; pass < options.passes; ++pass) {
      if (options.stop != nullptr && options.stop->load()) break;
      for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[random.Below(i)]);
      }
      for (const std::uint32_t member : order) Visit(member);
    }
    return std::move(weights_);
  }

 private:
  static constexpr float kBias = 1;  // stands in every row

  void Visit(std::uint32_t member) {
    const std::uint32_t row = task_.members[member];
    const std::span<const Feature> cells = (*task_.rows)[row];
    scores_ = weights_.bias;
    for (const Feature& cell : cells) {
      AddScaled(scores_.data(), &weights_.values[cell.bucket * stride_], cell.value, stride_);
    }
    if (!Solve(member, row)) return;
    for (const Feature& cell : cells) {
      AddScaled(&weights_.values[cell.bucket * stride_], scores_.data(), cell.value, stride_);
    }
    AddScaled(weights_.bias.data(), scores_.data(), kBias * kBias, stride_);
  }

  // Turns the row's scores into how far the weights move along it. False: nowhere.
  bool Solve(std::uint32_t member, std::uint32_t row) {
    const auto slack =
        static_cast<float>(0.5 / (cost_ * std::max(static_cast<double>(task_.weights[row]), 1e-6)));
    const float curvature = squares_[member] + slack;
    float* duals = &duals_[member * task_.classes];
    bool moves = false;
    for (std::size_t i = 0; i < task_.classes; ++i) {
      const float sign = i == task_.labels[row] ? 1.0f : -1.0f;
      const float gradient = sign * scores_[i] - 1 + slack * duals[i];
      const float dual = std::max(duals[i] - gradient / curvature, 0.0f);
      scores_[i] = (dual - duals[i]) * sign;
      moves = moves || scores_[i] != 0;
      duals[i] = dual;
    }
    return moves;
  }

  const ClassTask& task_;
  double cost_;
  std::size_t stride_;
  LinearWeights weights_;
  std::vector<float> scores_;
  std::vector<float> duals_;    // by member, then class
  std::vector<float> squares_;  // by member: the row's length, squared
};

}  // namespace

LinearWeights TrainMargins(const ClassTask& task, const MarginOptions& options) {
  return DualDescent(task, options.cost).Run(options);
}

}  // namespace moerge
