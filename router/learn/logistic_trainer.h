// Multinomial logistic regression over one set of sparse rows.
//
// Minimises  sum of losses + (l2 / 2) |W|^2  by averaged stochastic gradient descent (Bottou 2010,
// "Large-Scale Machine Learning with Stochastic Gradient Descent"). Pure: the order of rows comes
// from `seed`, so that equal input gives equal bytes.
#pragma once

#include <atomic>
#include <cstdint>

#include "router/learn/linear_weights.h"

namespace moerge {

struct LogisticOptions {
  double l2 = 1;
  int epochs = 20;
  std::uint64_t seed = 1;
  const std::atomic<bool>* stop = nullptr;  // gives up early when it turns true
};

LinearWeights TrainLogistic(const ClassTask& task, const LogisticOptions& options);

}  // namespace moerge
