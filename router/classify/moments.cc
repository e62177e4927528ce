#include "router/classify/moments.h"

#include <algorithm>
#include <cmath>

// Products over dimensions are what fitting consists of.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

namespace moerge {
namespace {

using Matrix = std::vector<double>;  // square, the lower triangle alone

// Within classes, pooled, drawn toward the diagonal.
Matrix Covariance(const Moments& moments, double diagonal) {
  const std::size_t size = moments.dimensions;
  Matrix out(moments.products.begin(), moments.products.end());
  double rows = 0;
  for (std::size_t c = 0; c < moments.counts.size(); ++c) {
    rows += moments.counts[c];
    if (moments.counts[c] == 0) continue;
    const float* sum = &moments.sums[c * size];
    for (std::size_t i = 0; i < size; ++i) {
      const double scaled = static_cast<double>(sum[i]) / moments.counts[c];
      for (std::size_t j = 0; j <= i; ++j) out[i * size + j] -= scaled * sum[j];
    }
  }
  double mean = 0;
  for (std::size_t i = 0; i < size; ++i) mean += out[i * size + i] / static_cast<double>(size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < i; ++j) out[i * size + j] *= 1 - diagonal;
    out[i * size + i] += 1e-3 * mean + 1e-9;
  }
  const double degrees = std::max(rows, 1.0);
  for (double& value : out) value /= degrees;
  return out;
}

// Cholesky: the matrix becomes L with L L^T = matrix. REQUIRES: positive definite.
void Factor(Matrix* matrix, std::size_t size) {
  double* m = matrix->data();
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = m[i * size + j];
      for (std::size_t k = 0; k < j; ++k) sum -= m[i * size + k] * m[j * size + k];
      m[i * size + j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / m[j * size + j];
    }
  }
}

// x with L L^T x = side.
std::vector<double> Solve(const Matrix& factor, std::vector<double> side) {
  const std::size_t size = side.size();
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < i; ++k) side[i] -= factor[i * size + k] * side[k];
    side[i] /= factor[i * size + i];
  }
  for (std::size_t i = size; i-- > 0;) {
    side[i] /= factor[i * size + i];
    for (std::size_t k = 0; k < i; ++k) side[k] -= factor[i * size + k] * side[i];
  }
  return side;
}

}  // namespace

void Moments::Add(std::size_t label, std::span<const float> row, float times) {
  counts[label] += static_cast<double>(times);
  float* sum = &sums[label * dimensions];
  for (std::size_t i = 0; i < dimensions; ++i) {
    const float value = row[i] * times;
    sum[i] += value;
    float* __restrict product = &products[i * dimensions];
    for (std::size_t j = 0; j <= i; ++j) product[j] += value * row[j];
  }
}

Discriminants FitDiscriminants(const Moments& moments, double diagonal) {
  const std::size_t size = moments.dimensions;
  Matrix factor = Covariance(moments, diagonal);
  Factor(&factor, size);
  Discriminants out;
  for (std::size_t c = 0; c < moments.counts.size(); ++c) {
    const double count = moments.counts[c];
    std::vector<double> mean(size, 0);
    for (std::size_t i = 0; i < size && count > 0; ++i)
      mean[i] = moments.sums[c * size + i] / count;
    const std::vector<double> weights = Solve(factor, mean);
    double bias = std::log(count + 1);
    for (std::size_t i = 0; i < size; ++i) bias -= mean[i] * weights[i] / 2;
    out.weights.insert(out.weights.end(), weights.begin(), weights.end());
    out.bias.push_back(static_cast<float>(bias));
  }
  return out;
}

}  // namespace moerge
