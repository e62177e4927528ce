#include "router/evaluate/skill_pairs.h"

#include <cmath>

namespace moerge {
namespace {

using Means = std::map<std::string, std::vector<double>, std::less<>>;  // by category, then expert

Means MeansByCategory(const Questions& questions, std::span<const std::uint32_t> train) {
  std::map<std::string, std::vector<std::uint32_t>> members;
  for (const std::uint32_t row : train) members[questions.rows[row]->category].push_back(row);
  Means means;
  for (const auto& [category, rows] : members) {
    means[category] = MeanScores(questions, rows, Outcome::kUnknown);
  }
  return means;
}

// The halves of "a+b" if both are categories; a category may have a plus in its own name.
std::pair<const std::vector<double>*, const std::vector<double>*> Halves(
    const Means& means, std::string_view category) {
  for (std::size_t at = category.find('+'); at != category.npos; at = category.find('+', at + 1)) {
    const auto left = means.find(category.substr(0, at));
    const auto right = means.find(category.substr(at + 1));
    if (left != means.end() && right != means.end()) return {&left->second, &right->second};
  }
  return {nullptr, nullptr};
}

}  // namespace

void SkillPairs::Add(const Questions& questions, Sides sides) {
  const Means means = MeansByCategory(questions, sides.train);
  for (const std::uint32_t row : sides.test) {
    const std::string& category = questions.rows[row]->category;
    const auto [left, right] = Halves(means, category);
    if (left == nullptr) continue;
    ++questions_[category];
    for (std::uint32_t i = 0; i < questions.experts.size(); ++i) {
      const double a = (*left)[i];
      const double b = (*right)[i];
      if (!questions.Recorded(row, i) || std::isnan(a) || std::isnan(b)) continue;
      Cell& cell = cells_[{category, i}];
      cell.count += 1;
      cell.product += a * b;
      cell.mean += (a + b) / 2;
      cell.observed += static_cast<double>(questions.scores[questions.At(row, i)]);
    }
  }
}

SkillPairReport SkillPairs::Report() const {
  SkillPairReport report;
  report.pairs = questions_.size();
  for (const auto& each : questions_) report.questions += each.second;
  double count = 0;
  for (const auto& each : cells_) {
    const Cell& cell = each.second;
    count += cell.count;
    report.product_error += std::fabs(cell.product - cell.observed);
    report.mean_error += std::fabs(cell.mean - cell.observed);
  }
  if (count == 0) return report;
  report.product_error /= count;
  report.mean_error /= count;
  return report;
}

}  // namespace moerge
