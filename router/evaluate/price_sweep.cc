#include "router/evaluate/price_sweep.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace moerge {
namespace {

constexpr std::size_t kSteps = 16;

// Where questions go over from the best expert to the cheapest: the weights at which one question
// in so many does.
std::vector<double> Weights(const Questions& questions, const std::vector<float>& expected,
                            const std::vector<double>& prices) {
  const std::uint32_t cheapest = Descending(prices).back();
  std::vector<double> turns;
  for (std::size_t row = 0; row < questions.size(); ++row) {
    const double least = static_cast<double>(expected[questions.At(row, cheapest)]);
    double turn = 0;  // from here on no expert is worth more than the cheapest
    for (std::uint32_t i = 0; i < prices.size(); ++i) {
      const double lead = static_cast<double>(expected[questions.At(row, i)]) - least;
      if (lead > 0 && prices[i] > prices[cheapest]) {
        turn = std::max(turn, lead / (prices[i] - prices[cheapest]));
      }
    }
    turns.push_back(turn);
  }
  std::sort(turns.begin(), turns.end());
  std::vector<double> weights = {0};
  for (std::size_t i = 1; i < kSteps; ++i) {
    weights.push_back(Quantile(turns, static_cast<double>(i) / kSteps));
  }
  weights.push_back(turns.back() * 1.001);
  return weights;
}

std::uint32_t Choose(const Questions& questions, const std::vector<float>& expected,
                     const std::vector<double>& prices, std::size_t row, double weight) {
  std::uint32_t best = 0;
  double highest = -HUGE_VAL;
  for (std::uint32_t i = 0; i < prices.size(); ++i) {
    if (!questions.Recorded(row, i)) continue;
    const double value = static_cast<double>(expected[questions.At(row, i)]);
    const double utility = (std::isnan(value) ? -1 : value) - weight * prices[i];
    if (utility > highest) highest = utility, best = i;
  }
  return best;
}

}  // namespace

std::vector<CurvePoint> SweepPrice(const Questions& questions, const std::vector<float>& expected,
                                   const BootstrapOptions& options) {
  if (!questions.has_prices || questions.size() == 0) return {};
  std::vector<std::uint32_t> all(questions.size());
  std::iota(all.begin(), all.end(), 0u);
  const std::vector<double> prices = MeanPrices(questions, all);
  std::vector<CurvePoint> curve;
  std::vector<std::vector<double>> columns;
  for (const double weight : Weights(questions, expected, prices)) {
    CurvePoint point{"price weight", weight, 1, 0, {}};
    std::vector<double> scores;
    for (std::size_t row = 0; row < questions.size(); ++row) {
      const std::size_t at = questions.At(row, Choose(questions, expected, prices, row, weight));
      scores.push_back(static_cast<double>(questions.scores[at]));
      point.price += static_cast<double>(questions.prices[at]);
    }
    point.price /= static_cast<double>(questions.size());
    if (!columns.empty() && columns.back() == scores && curve.back().price == point.price) continue;
    curve.push_back(point);
    columns.push_back(std::move(scores));
  }
  const auto estimates = BootstrapMeans(columns, options);
  for (std::size_t i = 0; i < curve.size(); ++i) curve[i].score = estimates[i];
  return curve;
}

}  // namespace moerge
