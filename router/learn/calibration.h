// Making scores honest: one factor on all scores, chosen on rows the model has not seen, so that a
// probability of 0.8 is right eight times in ten. Guo et al. 2017, "On Calibration of Modern Neural
// Networks" (temperature scaling, expected calibration error). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace moerge {

// Scores of rows by a model that was not trained on them.
struct HeldOut {
  std::size_t classes = 0;
  std::vector<float> scores;          // row-major
  std::vector<std::uint32_t> labels;  // by row
};

// The factor in [1/16, 16] with the smallest log loss, drawn toward a usual one when rows are few.
float FitSharpness(const HeldOut& held_out);

struct Quality {
  std::size_t rows = 0;
  double accuracy = 0;           // of the most probable class
  double log_loss = 0;           // nats per row
  double calibration_error = 0;  // expected, over 15 bins of confidence
};
Quality Measure(const HeldOut& held_out, float sharpness);

}  // namespace moerge
