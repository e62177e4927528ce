// Intervals for means over questions: the percentile bootstrap (Efron 1979, "Bootstrap methods:
// another look at the jackknife"). All columns are judged on the same resamples, so the interval of
// a column of differences is a paired one. Pure; deterministic for a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace moerge {

struct BootstrapOptions {
  std::size_t resamples = 1000;  // at least 1
  double level = 0.95;           // share of the resamples within the interval, 0..1
  std::uint64_t seed = 0;
};

struct Estimate {
  double mean = 0;
  double low = 0;
  double high = 0;
};

// One estimate per column. REQUIRES: columns of equal length without NaN. Without questions all is
// 0.
std::vector<Estimate> BootstrapMeans(const std::vector<std::vector<double>>& columns,
                                     const BootstrapOptions& options);

// The value below which a share `p` of `sorted` lies, between neighbours by interpolation. 0 if
// empty.
double Quantile(const std::vector<double>& sorted, double p);

}  // namespace moerge
