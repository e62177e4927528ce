#include "services/watch/feedback_figures.h"

#include <cmath>
#include <map>

namespace moerge {
namespace {

constexpr std::int64_t kLeastPairs = 3;

void AddTo(const std::optional<double>& said, JudgedShare* share) {
  if (!said) return;
  ++share->count;
  share->sum += *said;
}

// Means first, so that what differs little is not lost.
std::optional<double> CorrelationOf(const std::vector<const Feedback*>& pairs) {
  const auto count = static_cast<double>(pairs.size());
  double mean_correct = 0, mean_helpful = 0;
  for (const Feedback* one : pairs) {
    mean_correct += *one->score / count;
    mean_helpful += *one->helpfulness / count;
  }
  double correct = 0, helpful = 0, together = 0;
  for (const Feedback* one : pairs) {
    const double x = *one->score - mean_correct;
    const double y = *one->helpfulness - mean_helpful;
    correct += x * x;
    helpful += y * y;
    together += x * y;
  }
  constexpr double kSame = 1e-12;
  if (correct < kSame || helpful < kSame) return std::nullopt;
  return together / std::sqrt(correct * helpful);
}

FeedbackFigures FiguresOf(std::string expert, const std::vector<const Feedback*>& feedback) {
  FeedbackFigures figures;
  figures.expert = std::move(expert);
  std::vector<const Feedback*> pairs;
  for (const Feedback* one : feedback) {
    AddTo(one->score, &figures.correctness);
    AddTo(one->helpfulness, &figures.helpfulness);
    if (one->score && one->helpfulness) pairs.push_back(one);
  }
  figures.both = static_cast<std::int64_t>(pairs.size());
  if (figures.both >= kLeastPairs) figures.correlation = CorrelationOf(pairs);
  return figures;
}

}  // namespace

FeedbackFigures FiguresOfAll(const std::vector<Feedback>& feedback) {
  std::vector<const Feedback*> all;
  for (const Feedback& one : feedback) all.push_back(&one);
  return FiguresOf({}, all);
}

std::vector<FeedbackFigures> FiguresByExpert(const std::vector<Feedback>& feedback) {
  std::map<std::string, std::vector<const Feedback*>> by_expert;
  for (const Feedback& one : feedback) by_expert[one.expert].push_back(&one);
  std::vector<FeedbackFigures> figures;
  for (const auto& [expert, said] : by_expert) figures.push_back(FiguresOf(expert, said));
  return figures;
}

}  // namespace moerge
