#include "router/evaluate/apgr.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "router/evaluate/bootstrap.h"

namespace moerge {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

double Area(const std::vector<SharePoint>& curve) {
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const double width = curve[i].share - curve[i - 1].share;
    area += width * (curve[i].quality + curve[i - 1].quality) / 2;
  }
  return area;
}

// The share of the gap that the mean height of the curve recovers; the width need not be 1.
double Recovered(const std::vector<SharePoint>& curve, double weak, double strong) {
  const double width = curve.back().share - curve.front().share;
  return (Area(curve) / width - weak) / (strong - weak);
}

template <class GoesToStrong>
SharePoint Point(const std::vector<PairQuestion>& questions, const GoesToStrong& goes) {
  SharePoint point;
  for (const PairQuestion& question : questions) {
    const bool strong = goes(question);
    point.share += strong;
    point.quality += strong ? question.strong : question.weak;
    point.price += strong ? question.strong_price : question.weak_price;
  }
  const auto count = static_cast<double>(questions.size());
  return {point.share / count, point.quality / count, point.price / count};
}

}  // namespace

std::vector<SharePoint> SweepThresholds(std::vector<PairQuestion> questions) {
  if (questions.empty()) return {};
  std::stable_sort(questions.begin(), questions.end(),
                   [](const auto& a, const auto& b) { return a.preference > b.preference; });
  std::vector<SharePoint> curve = {Point(questions, [](const auto&) { return false; })};
  const auto count = static_cast<double>(questions.size());
  SharePoint sum = curve.front();
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const PairQuestion& question = questions[i];
    sum.share += 1 / count;
    sum.quality += (question.strong - question.weak) / count;
    sum.price += (question.strong_price - question.weak_price) / count;
    const bool last = i + 1 == questions.size();
    if (last || questions[i + 1].preference != question.preference) curve.push_back(sum);
  }
  return curve;
}

std::vector<SharePoint> SweepQuantiles(const std::vector<PairQuestion>& questions,
                                       std::size_t parts) {
  if (questions.empty()) return {};
  std::vector<double> sorted;
  for (const PairQuestion& question : questions) sorted.push_back(question.preference);
  std::sort(sorted.begin(), sorted.end());
  std::vector<SharePoint> curve = {
      Point(questions, [&](const auto& question) { return question.preference > sorted.back(); })};
  for (std::size_t i = parts; i-- > 0;) {
    const double cut = Quantile(sorted, static_cast<double>(i) / static_cast<double>(parts));
    curve.push_back(
        Point(questions, [&](const auto& question) { return question.preference >= cut; }));
  }
  return curve;
}

double ShareFor(const std::vector<SharePoint>& curve, double quality) {
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (curve[i].quality < quality) continue;
    if (i == 0 || curve[i].quality == curve[i - 1].quality) return curve[i].share;
    const double part =
        (quality - curve[i - 1].quality) / (curve[i].quality - curve[i - 1].quality);
    return curve[i - 1].share + part * (curve[i].share - curve[i - 1].share);
  }
  return kUndefined;
}

GapReport MeasureGap(const std::vector<PairQuestion>& questions) {
  GapReport report{kUndefined, kUndefined, kUndefined, kUndefined, kUndefined, kUndefined, {}};
  if (questions.empty()) return report;
  const std::vector<SharePoint> all = SweepThresholds(questions);
  report.weak = all.front().quality;
  report.strong = all.back().quality;
  report.curve = SweepQuantiles(questions);
  const double gap = report.strong - report.weak;
  if (std::fabs(gap) < 1e-12) return report;
  report.apgr = Recovered(report.curve, report.weak, report.strong);
  report.apgr_exact = Recovered(all, report.weak, report.strong);
  report.cpt50 = ShareFor(report.curve, report.weak + 0.5 * gap);
  report.cpt80 = ShareFor(report.curve, report.weak + 0.8 * gap);
  return report;
}

}  // namespace moerge
