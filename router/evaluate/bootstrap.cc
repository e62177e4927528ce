#include "router/evaluate/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "config/base/random.h"

namespace moerge {
namespace {

// How often each question was drawn, in one resample.
void Draw(Random* random, std::vector<float>* counts) {
  std::fill(counts->begin(), counts->end(), 0.0f);
  for (std::size_t i = 0; i < counts->size(); ++i) ++(*counts)[random->Below(counts->size())];
}

double Dot(const std::vector<float>& counts, const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) sum += static_cast<double>(counts[i]) * values[i];
  return sum;
}

Estimate Summarise(double mean, std::vector<double> resampled, double level) {
  std::sort(resampled.begin(), resampled.end());
  const double tail = (1 - level) / 2;
  return {mean, Quantile(resampled, tail), Quantile(resampled, 1 - tail)};
}

}  // namespace

double Quantile(const std::vector<double>& sorted, double p) {
  if (sorted.empty()) return 0;
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(at));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::vector<Estimate> BootstrapMeans(const std::vector<std::vector<double>>& columns,
                                     const BootstrapOptions& options) {
  std::vector<Estimate> estimates(columns.size());
  if (columns.empty() || columns.front().empty()) return estimates;
  const std::size_t questions = columns.front().size();
  const auto count = static_cast<double>(questions);
  std::vector<std::vector<double>> means(columns.size());
  std::vector<float> counts(questions);
  Random random(options.seed);
  for (std::size_t i = 0; i < options.resamples; ++i) {
    Draw(&random, &counts);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      means[c].push_back(Dot(counts, columns[c]) / count);
    }
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const double mean = std::accumulate(columns[c].begin(), columns[c].end(), 0.0) / count;
    estimates[c] = Summarise(mean, std::move(means[c]), options.level);
  }
  return estimates;
}

}  // namespace moerge
