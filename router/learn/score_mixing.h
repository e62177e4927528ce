// From the scores of classifiers that know nothing of one another to probabilities that hold: a
// multinomial logistic regression on all scores of a row, drawn toward one common factor on each.
// Learns which classes are confused and which are too bold. Kull et al. 2019, "Beyond temperature
// scaling" (matrix scaling with off-diagonal regularisation). Immutable; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "router/learn/bytes.h"
#include "router/learn/calibration.h"

namespace moerge {

class ScoreMixing {
 public:
  // With more classes than this the factor stands alone: a matrix would cost more than it gives.
  static constexpr std::size_t kMaxClasses = 64;

  ScoreMixing() = default;
  explicit ScoreMixing(const HeldOut& held_out);

  // Scores into probabilities, in place.
  void Apply(std::vector<float>* scores) const;
  Quality Measure(const HeldOut& held_out) const;

  void Write(ByteWriter* out) const;
  // Empty if damaged or for another number of classes.
  static std::optional<ScoreMixing> Read(ByteReader* in, std::size_t classes);

 private:
  float factor_ = 1;
  std::vector<float> means_;   // by class: of the scores in training; empty: the factor alone
  std::vector<float> matrix_;  // by class mixed in, then class, padded; its last row is the bias
};

}  // namespace moerge
