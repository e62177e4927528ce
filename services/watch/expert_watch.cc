#include "services/watch/expert_watch.h"

#include <algorithm>
#include <map>
#include <span>
#include <tuple>
#include <utility>

namespace moerge {
namespace {

constexpr std::size_t kFirstWindow = 30;
constexpr std::size_t kLastWindow = 960;

ScoreSample SampleOf(std::span<const Feedback> judgements) {
  ScoreSample sample;
  for (const Feedback& one : judgements) sample.Add(*one.score);
  return sample;
}

struct Search {
  ExpertFall clearest;
  int comparisons = 0;
};

// `judgements`: of one expert, oldest first.
Search SearchIn(std::span<const Feedback> judgements) {
  Search search;
  search.clearest.expert = judgements.front().expert;
  for (std::size_t window = kFirstWindow; window <= kLastWindow; window *= 2) {
    if (judgements.size() < window + kFirstWindow) break;
    const auto latest = judgements.last(window);
    const ScoreSample before = SampleOf(judgements.first(judgements.size() - window));
    const ScoreSample after = SampleOf(latest);
    const MeanComparison comparison = CompareMeans(before, after);
    ++search.comparisons;
    if (comparison.p >= search.clearest.p) continue;
    search.clearest = {judgements.front().expert, before, after, latest.front().time, comparison.p};
  }
  return search;
}

}  // namespace

std::vector<ExpertFall> FindFalls(std::vector<Feedback> feedback) {
  std::erase_if(feedback, [](const Feedback& one) { return !one.score; });
  std::ranges::sort(feedback, [](const Feedback& a, const Feedback& b) {
    return std::tie(a.expert, a.time, a.decision, a.key) <
           std::tie(b.expert, b.time, b.decision, b.key);
  });
  std::vector<ExpertFall> falls;
  int comparisons = 0;
  for (auto from = feedback.begin(); from != feedback.end();) {
    const auto to = std::find_if(from, feedback.end(),
                                 [&](const Feedback& one) { return one.expert != from->expert; });
    Search search = SearchIn(std::span(from, to));
    comparisons += search.comparisons;
    if (search.clearest.p < kFallLevel) falls.push_back(std::move(search.clearest));
    from = to;
  }
  for (ExpertFall& fall : falls) fall.p *= comparisons;
  std::erase_if(falls, [](const ExpertFall& fall) { return fall.p >= kFallLevel; });
  return falls;
}

}  // namespace moerge
