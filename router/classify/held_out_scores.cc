#include "router/classify/held_out_scores.h"

#include <algorithm>
#include <cmath>

#include "router/classify/logistic_fit.h"
#include "router/learn/folds.h"
#include "router/learn/softmax.h"

namespace moerge {
namespace {

// The root mean square of what scores differ by from their row's mean; 1 if they do not.
float Spread(const HeldOut& held_out) {
  double squares = 0;
  for (std::size_t at = 0; at < held_out.scores.size(); at += held_out.classes) {
    double sum = 0;
    double square = 0;
    for (std::size_t i = 0; i < held_out.classes; ++i) {
      const double score = held_out.scores[at + i];
      sum += score;
      square += score * score;
    }
    squares += square - sum * sum / static_cast<double>(held_out.classes);
  }
  if (!(squares > 0)) return 1;
  return static_cast<float>(std::sqrt(squares / static_cast<double>(held_out.scores.size())));
}

float LogOdds(float probability) { return std::log(probability / (1 - probability)); }

// By row: the log odds of its first one, and whether it is right.
std::vector<LogisticPoint> FirstsOf(const HeldOut& unit, float sharpness) {
  std::vector<LogisticPoint> firsts;
  std::vector<float> row(unit.classes);
  for (std::size_t i = 0; i < unit.labels.size() && unit.classes > 1; ++i) {
    const auto begin = unit.scores.begin() + static_cast<std::ptrdiff_t>(i * unit.classes);
    std::copy_n(begin, unit.classes, row.begin());
    Softmax(row, sharpness);
    const auto top = std::max_element(row.begin(), row.end());
    const bool right = unit.labels[i] == static_cast<std::uint32_t>(top - row.begin());
    const float odds = LogOdds(std::clamp(*top, 1e-6f, 1 - 1e-6f));
    firsts.push_back({static_cast<double>(odds), right ? 1.0 : 0.0, 1.0});
  }
  return firsts;
}

}  // namespace

HeldOut CrossScore(const TrainingSet& set, const std::vector<std::uint32_t>& rows, int folds,
                   const ScorerMaker& make, const std::atomic<bool>* stop) {
  HeldOut held_out;
  held_out.classes = set.skills.size();
  std::vector<float> scores;
  for (const Fold& fold : MakeFolds(rows, set.labels, folds)) {
    if (stop != nullptr && stop->load()) break;
    const DocumentScorer score = make(fold.train);
    for (const std::uint32_t member : fold.test) {
      score(member, &scores);
      held_out.scores.insert(held_out.scores.end(), scores.begin(), scores.end());
      held_out.labels.push_back(set.labels[member]);
    }
  }
  return held_out;
}

void Calibration::Apply(std::vector<float>* scores) const {
  Softmax(*scores, sharpness);
  if (scores->size() < 2) return;
  const auto top = std::max_element(scores->begin(), scores->end());
  const float before = std::clamp(*top, 1e-6f, 1 - 1e-6f);
  float second = 0;
  for (auto at = scores->begin(); at != scores->end(); ++at) {
    if (at != top) second = std::max(second, *at);
  }
  // The first one stays first.
  const float share = second / (1 - before);
  const float least = std::nextafter(share / (1 + share), 1.0f);
  const float after = std::max(Sigmoid(slope * LogOdds(before) + offset), least);
  for (float& probability : *scores) probability *= (1 - after) / (1 - before);
  *top = after;
}

Calibration Calibrate(const HeldOut& held_out) {
  HeldOut unit = held_out;
  const float spread = Spread(held_out);
  for (float& score : unit.scores) score /= spread;
  Calibration calibration;
  const float sharpness = FitSharpness(unit);
  calibration.sharpness = sharpness / spread;
  constexpr double kPull = 10;  // rows' worth of no change
  const LogisticCurve top = FitLogistic(FirstsOf(unit, sharpness), {}, kPull);
  calibration.slope = static_cast<float>(top.slope);
  calibration.offset = static_cast<float>(top.offset);
  return calibration;
}

}  // namespace moerge
