#include "router/classify/held_out_scores.h"

#include <algorithm>
#include <cmath>

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

struct Firsts {
  std::vector<double> odds;  // by row: the log odds of the first one
  std::vector<double> right;
};

Firsts FirstsOf(const HeldOut& unit, float sharpness) {
  Firsts firsts;
  std::vector<float> row(unit.classes);
  for (std::size_t i = 0; i < unit.labels.size(); ++i) {
    const auto begin = unit.scores.begin() + static_cast<std::ptrdiff_t>(i * unit.classes);
    std::copy_n(begin, unit.classes, row.begin());
    Softmax(row, sharpness);
    const auto top = std::max_element(row.begin(), row.end());
    firsts.odds.push_back(static_cast<double>(LogOdds(std::clamp(*top, 1e-6f, 1 - 1e-6f))));
    firsts.right.push_back(unit.labels[i] == static_cast<std::uint32_t>(top - row.begin()));
  }
  return firsts;
}

// Newton's method on the log loss, with a weak pull toward no change.
void FitTop(const HeldOut& unit, float sharpness, Calibration* calibration) {
  constexpr double kPull = 10;
  if (unit.classes < 2) return;
  const Firsts firsts = FirstsOf(unit, sharpness);
  double slope = 1;
  double offset = 0;
  for (int round = 0; round < 20; ++round) {
    double gs = kPull * (slope - 1), go = kPull * offset, ss = kPull, so = 0, oo = kPull;
    for (std::size_t i = 0; i < firsts.odds.size(); ++i) {
      const double odds = firsts.odds[i];
      const double p = 1 / (1 + std::exp(-slope * odds - offset));
      const double curve = p * (1 - p);
      gs += (p - firsts.right[i]) * odds, go += p - firsts.right[i];
      ss += curve * odds * odds, so += curve * odds, oo += curve;
    }
    const double determinant = ss * oo - so * so;
    slope -= (oo * gs - so * go) / determinant;
    offset -= (ss * go - so * gs) / determinant;
  }
  if (!std::isfinite(slope) || !std::isfinite(offset) || slope <= 0) return;
  calibration->slope = static_cast<float>(slope);
  calibration->offset = static_cast<float>(offset);
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
  FitTop(unit, sharpness, &calibration);
  return calibration;
}

}  // namespace moerge
