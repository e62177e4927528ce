#include "router/evaluate/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "config/base/hash.h"

namespace moerge {
namespace {

// The mean of what is known; unknown if nothing is.
class Mean {
 public:
  void Add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    count_ += 1;
  }
  double value() const { return count_ > 0 ? sum_ / count_ : Outcome::kUnknown; }
  double value_or_zero() const { return count_ > 0 ? sum_ / count_ : 0; }

 private:
  double sum_ = 0;
  double count_ = 0;
};

double Known(std::int8_t flag) { return flag < 0 ? Outcome::kUnknown : flag; }

double MeanScore(const Questions& questions, std::size_t row) {
  Mean mean;
  for (std::size_t i = 0; i < questions.experts.size(); ++i) {
    mean.Add(static_cast<double>(questions.scores[questions.At(row, i)]));
  }
  return mean.value_or_zero();
}

// Ranks of the questions by value, highest first; ties fall by id, not by the order of the file.
std::vector<std::size_t> Ranks(const Questions& questions, const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t i) {
    return std::tuple(-values[i], Hash64(questions.rows[i]->id), i);
  };
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  std::vector<std::size_t> ranks(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i]] = i;
  return ranks;
}

template <std::size_t kParts>
std::array<SliceMean, kParts> Sliced(const Outcomes& outcomes,
                                     const std::vector<std::uint8_t>& part_of) {
  std::array<Mean, kParts> scores, calls;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    scores[part_of[i]].Add(outcomes[i].score);
    calls[part_of[i]].Add(outcomes[i].calls);
  }
  std::array<SliceMean, kParts> means;
  for (std::size_t part = 0; part < kParts; ++part) {
    means[part] = {scores[part].value_or_zero(), calls[part].value_or_zero()};
  }
  return means;
}

void AddTimes(const Outcomes& outcomes, Summary* summary) {
  std::vector<double> times;
  for (const Outcome& outcome : outcomes) {
    if (!std::isnan(outcome.micros)) times.push_back(outcome.micros);
  }
  if (times.empty()) return;
  std::sort(times.begin(), times.end());
  summary->micros_median = Quantile(times, 0.5);
  summary->micros_high = Quantile(times, 0.99);
}

void AddReliability(const Outcomes& outcomes, Summary* summary) {
  std::vector<std::pair<double, double>> expected, confidence;
  for (const Outcome& outcome : outcomes) {
    if (!std::isnan(outcome.expected)) expected.emplace_back(outcome.expected, outcome.score);
    if (outcome.category_right >= 0) {
      confidence.emplace_back(outcome.confidence, outcome.category_right);
    }
  }
  summary->expected = MeasureReliability(expected);
  summary->coverage = MeasureRiskCoverage(expected);
  summary->confidence = MeasureReliability(confidence);
}

}  // namespace

Slices MakeSlices(const Questions& questions, const Outcomes& by_default) {
  std::vector<double> easy, certain;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    easy.push_back(MeanScore(questions, i));
    const double margin = by_default[i].margin;
    certain.push_back(std::isnan(margin) ? 1 : margin);
  }
  const auto by_ease = Ranks(questions, easy);
  const auto by_margin = Ranks(questions, certain);
  Slices slices;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    slices.tercile.push_back(static_cast<std::uint8_t>(by_ease[i] * 3 / questions.size()));
    slices.uncertain.push_back(by_margin[i] * 4 / questions.size() == 3);
  }
  return slices;
}

Summary Summarise(const Outcomes& outcomes, const Slices& slices) {
  Mean calls, price, abstained, category, table, typos, capitals;
  for (const Outcome& outcome : outcomes) {
    calls.Add(outcome.calls);
    price.Add(outcome.price);
    abstained.Add(outcome.calls == 0);
    category.Add(Known(outcome.category_right));
    table.Add(outcome.table_score);
    typos.Add(Known(outcome.same_under_typos));
    capitals.Add(Known(outcome.same_in_capitals));
  }
  Summary summary;
  summary.calls = calls.value_or_zero();
  summary.price = price.value_or_zero();
  summary.abstained = abstained.value_or_zero();
  summary.category_accuracy = category.value();
  summary.table_predicted = table.value();
  summary.same_under_typos = typos.value();
  summary.same_in_capitals = capitals.value();
  AddTimes(outcomes, &summary);
  AddReliability(outcomes, &summary);
  summary.tercile = Sliced<3>(outcomes, slices.tercile);
  summary.by_margin = Sliced<2>(outcomes, slices.uncertain);
  return summary;
}

}  // namespace moerge
