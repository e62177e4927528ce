// Counts, sums and products of dense vectors by class: what normal distributions are fitted from.
// Rows can be taken away again, so that every
// fold's rest comes from the whole. Plain values with one owner.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace moerge {

struct Moments {
  Moments(std::size_t classes, std::size_t dimensions)
      : counts(classes, 0),
        sums(classes * dimensions, 0),
        products(dimensions * dimensions, 0),
        dimensions(dimensions) {}

  void Add(std::size_t label, std::span<const float> row, float times = 1);

  std::vector<double> counts;   // by class
  std::vector<float> sums;      // by class, then dimension
  std::vector<float> products;  // row-major, the lower triangle alone
  std::size_t dimensions;
};

// One linear function per class: score = weights . row + bias, the log of the class's density times
// its share, but for a constant.
struct Discriminants {
  std::vector<float> weights;  // by class, then dimension
  std::vector<float> bias;     // by class
};

// `diagonal`: 0..1, how far the shared covariance is drawn toward its diagonal.
Discriminants FitDiscriminants(const Moments& moments, double diagonal);

}  // namespace moerge
