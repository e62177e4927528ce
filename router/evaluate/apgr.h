// Two experts, one strong and one weak: how much of the gap between them a router recovers for how
// many calls of the strong one. Ong et al. 2024, "RouteLLM: Learning to Route LLMs with Preference
// Data": performance gap recovered (PGR), its average over the share of calls (APGR), and the call
// share at which half or four fifths of the gap are recovered (CPT50, CPT80). Pure.
//
// A router gives each question a number: the higher, the sooner the strong expert is called. The
// curve is swept over thresholds on it. Their published code takes eleven thresholds at the deciles
// of the numbers, so APGR is the trapezoid area over those; the area over every threshold is given
// as well.
#pragma once

#include <cstddef>
#include <vector>

namespace moerge {

struct PairQuestion {
  double preference = 0;  // for the strong expert
  double strong = 0;      // score of the strong one, 0..1
  double weak = 0;
  double strong_price = 0;  // USD per million tokens
  double weak_price = 0;
};

struct SharePoint {
  double share = 0;    // of the questions that go to the strong expert, 0..1
  double quality = 0;  // mean score
  double price = 0;    // mean price
};

// By share, from 0 to 1. Questions of equal preference go over together.
std::vector<SharePoint> SweepThresholds(std::vector<PairQuestion> questions);
// The points of the sweep at the quantiles 0, 1/parts, ... 1 of the preferences: a question goes to
// the strong expert if it is at or above the threshold; at the last one if it is above.
std::vector<SharePoint> SweepQuantiles(const std::vector<PairQuestion>& questions,
                                       std::size_t parts = 10);

struct GapReport {
  double weak = 0;  // quality of each alone
  double strong = 0;
  double apgr = 0;        // over deciles
  double apgr_exact = 0;  // over every threshold
  double cpt50 = 0;       // share of calls; NaN: never reached
  double cpt80 = 0;
  std::vector<SharePoint> curve;  // at the deciles
};
// NaN throughout if both are equally good or there are no questions: there is no gap to recover.
GapReport MeasureGap(const std::vector<PairQuestion>& questions);

// The smallest share at which the curve, straight between its points, reaches `quality`; NaN:
// never.
double ShareFor(const std::vector<SharePoint>& curve, double quality);

}  // namespace moerge
