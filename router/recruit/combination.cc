#include "router/recruit/combination.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace moerge {
namespace {

using Counts = std::array<double, kMostSeats + 1>;

// Probability that of n votes scattered over kWrongAnswers answers none has more than `most`, by n.
Counts NoneAbove(std::size_t most) {
  Counts factorial{1};
  for (std::size_t i = 1; i <= kMostSeats; ++i) {
    factorial[i] = factorial[i - 1] * static_cast<double>(i);
  }
  Counts ways{1};
  for (int answer = 0; answer < kWrongAnswers; ++answer) {
    Counts next{};
    for (std::size_t n = 0; n <= kMostSeats; ++n) {
      for (std::size_t k = 0; k <= std::min(most, n); ++k) next[n] += ways[n - k] / factorial[k];
    }
    ways = next;
  }
  for (std::size_t n = 0; n <= kMostSeats; ++n) {
    ways[n] *= factorial[n] / std::pow(kWrongAnswers, static_cast<double>(n));
  }
  return ways;
}

// By right voters, then wrong ones.
std::vector<Counts> WinTable() {
  std::vector<Counts> table(kMostSeats + 1);
  Counts below = NoneAbove(0);
  for (std::size_t right = 1; right <= kMostSeats; ++right) {
    const Counts upto = NoneAbove(right);
    for (std::size_t n = 0; n <= kMostSeats; ++n) table[right][n] = (below[n] + upto[n]) / 2;
    below = upto;
  }
  return table;
}

// A standard normal difficulty in twelve equally probable parts: their medians. Experts that always
// agree turn from wrong to right at one difficulty, which equal parts follow better than
// Gauss-Hermite points do.
constexpr double kDifficulties[] = {-1.7317, -1.1503, -0.8122, -0.5485, -0.3186, -0.1046,
                                    0.1046,  0.3186,  0.5485,  0.8122,  1.1503,  1.7317};

// The logistic curve stands for the normal one: within 0.01 of it at this scale, and cheap.
constexpr double kScale = 1.702;
double Normal(double x) { return 1 / (1 + std::exp(-kScale * x)); }

double Odds(float probability) {
  const double p = std::clamp(static_cast<double>(probability), 0.01, 0.99);
  return std::log(p / (1 - p));
}

// Of 0/1 errors to that of the hidden quantities behind them.
double Latent(double correlation) {
  constexpr double kQuarterTurn = 1.5707963267948966;
  return std::sin(kQuarterTurn * std::clamp(correlation, 0.0, 0.95));
}

// Given the difficulty, experts are independent: how many are right, as a distribution, then the
// vote.
double WonAt(double difficulty, double latent, std::span<const double> thresholds) {
  Counts right{1};
  const std::size_t voters = thresholds.size();
  const double spread = std::sqrt(1 - latent);
  for (std::size_t i = 0; i < voters; ++i) {
    const double p = Normal((thresholds[i] + std::sqrt(latent) * difficulty) / spread);
    for (std::size_t c = i + 1; c > 0; --c) right[c] = right[c] * (1 - p) + right[c - 1] * p;
    right[0] *= 1 - p;
  }
  double won = 0;
  for (std::size_t c = 1; c <= voters; ++c) won += right[c] * VoteWon(voters, c);
  return won;
}

}  // namespace

double VoteWon(std::size_t voters, std::size_t right) {
  static const std::vector<Counts> table = WinTable();
  return right == 0 ? 0 : table[right][voters - right];
}

std::vector<double> CombinedConfidence(std::span<const float> expected,
                                       std::span<const float> shared) {
  std::vector<double> confidence;
  std::array<double, kMostSeats> thresholds;
  double common = 0;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    thresholds[k] = Odds(expected[k]) / kScale;
    common += static_cast<double>(shared[k]);
    if (k < 2) {  // between two, the first one's word counts
      confidence.push_back(static_cast<double>(expected[0]));
      continue;
    }
    const double pairs = static_cast<double>(k * (k + 1)) / 2;
    const double latent = Latent(common / pairs);
    double won = 0;
    for (const double difficulty : kDifficulties) {
      won += WonAt(difficulty, latent, std::span(thresholds).first(k + 1));
    }
    confidence.push_back(won / static_cast<double>(std::size(kDifficulties)));
  }
  return confidence;
}

float VoteWeight(float expected, float shared) {
  const double evidence = Odds(expected) + std::log(static_cast<double>(kWrongAnswers));
  return static_cast<float>(std::max(evidence, 0.05) / (1 + static_cast<double>(shared)));
}

}  // namespace moerge
