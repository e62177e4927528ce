#include "router/learn/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "router/learn/softmax.h"

namespace moerge {
namespace {

// Calls `visit` with the probabilities and the label of each row.
template <class Visit>
void ForEach(const HeldOut& held_out, float sharpness, Visit visit) {
  std::vector<float> row(held_out.classes);
  for (std::size_t i = 0; i < held_out.labels.size(); ++i) {
    const auto begin = held_out.scores.begin() + static_cast<std::ptrdiff_t>(i * held_out.classes);
    std::copy_n(begin, held_out.classes, row.begin());
    Softmax(row, sharpness);
    visit(std::span<const float>(row), held_out.labels[i]);
  }
}

double LogLoss(const HeldOut& held_out, float sharpness) {
  double sum = 0;
  ForEach(held_out, sharpness, [&](std::span<const float> row, std::uint32_t label) {
    sum -= std::log(std::max(row[label], 1e-7f));
  });
  return sum / static_cast<double>(std::max<std::size_t>(held_out.labels.size(), 1));
}

}  // namespace

float FitSharpness(const HeldOut& held_out) {
  constexpr double kUsual = 1.5;  // of text classifiers trained on hundreds of rows
  constexpr double kUsualRows = 30;
  // Golden section on the logarithm: the loss is convex in the factor.
  constexpr double kGolden = 0.6180339887498949;
  double low = -std::log(16.0);
  double high = std::log(16.0);
  const auto loss = [&](double at) { return LogLoss(held_out, static_cast<float>(std::exp(at))); };
  double left = high - kGolden * (high - low);
  double right = low + kGolden * (high - low);
  double at_left = loss(left);
  double at_right = loss(right);
  for (int i = 0; i < 16; ++i) {
    if (at_left < at_right) {
      high = right, right = left, at_right = at_left;
      at_left = loss(left = high - kGolden * (high - low));
    } else {
      low = left, left = right, at_left = at_right;
      at_right = loss(right = low + kGolden * (high - low));
    }
  }
  const auto rows = static_cast<double>(held_out.labels.size());
  const double drawn =
      (rows * (low + high) / 2 + kUsualRows * std::log(kUsual)) / (rows + kUsualRows);
  return static_cast<float>(std::exp(drawn));
}

Quality Measure(const HeldOut& held_out, float sharpness) {
  struct Bin {
    double rows = 0, confidence = 0, right = 0;
  };
  std::array<Bin, 15> bins{};
  Quality quality;
  quality.rows = held_out.labels.size();
  if (quality.rows == 0) return quality;
  ForEach(held_out, sharpness, [&](std::span<const float> row, std::uint32_t label) {
    const auto top = std::max_element(row.begin(), row.end());
    const bool right = static_cast<std::uint32_t>(top - row.begin()) == label;
    Bin& bin = bins[std::min<std::size_t>(static_cast<std::size_t>(*top * 15), 14)];
    bin.rows += 1, bin.confidence += *top, bin.right += right;
    quality.accuracy += right;
  });
  const auto rows = static_cast<double>(quality.rows);
  for (const Bin& bin : bins) {
    quality.calibration_error += std::fabs(bin.confidence - bin.right) / rows;
  }
  quality.accuracy /= rows;
  quality.log_loss = LogLoss(held_out, sharpness);
  return quality;
}

}  // namespace moerge
