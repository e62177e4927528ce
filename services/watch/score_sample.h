// A sample of scores from 0 to 1, and whether the mean of one is lower than another's. Pure.
#pragma once

#include <cstddef>

namespace moerge {

struct ScoreSample {
  double count = 0;
  double sum = 0;
  double squares = 0;

  void Add(double score) {
    count += 1;
    sum += score;
    squares += score * score;
  }
  // REQUIRES: there is something.
  double mean() const { return sum / count; }
  // Of the mean. Half a 0 and half a 1 are counted with it, so that a few equal scores are no
  // certainty.
  double error_variance() const;
};

// 95 % interval of the mean, cut to 0..1; all of it where nothing is known.
struct ScoreInterval {
  double low = 0;
  double high = 1;
};
ScoreInterval IntervalOf(const ScoreSample& sample);

// Fewer scores on either side tell nothing.
inline constexpr double kLeastScores = 30;

struct MeanComparison {
  bool enough = false;    // both sides have kLeastScores
  double difference = 0;  // of the means, after - before; 0 unless both have something
  // That `after` is not lower: one over the likelihood ratio of a mixture sequential probability
  // ratio test, whose alternative is a fall of half-normal size with a scale of ten points. It may
  // be looked at after every score: however often one looks, it comes below P with a probability of
  // about P, as far as means are normal. 1 unless `enough`.
  double p = 1;
};
MeanComparison CompareMeans(const ScoreSample& before, const ScoreSample& after);

}  // namespace moerge
