#include "router/evaluate/questions.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace moerge {
namespace {

class Filler {
 public:
  explicit Filler(Questions* out) : out_(*out) {
    for (std::size_t i = 0; i < out_.experts.size(); ++i) index_[out_.experts[i]] = i;
  }

  void Add(const TableRow& row) {
    const std::size_t width = out_.experts.size();
    const std::size_t base = out_.rows.size() * width;
    out_.rows.push_back(&row);
    out_.scores.resize(base + width, kNotRecorded);
    out_.prices.resize(base + width, 0);
    out_.answers.resize(base + width, -1);
    Put(row.scores,
        [&](std::size_t i, double score) { out_.scores[base + i] = static_cast<float>(score); });
    Put(row.cost, [&](std::size_t i, double price) {
      out_.prices[base + i] = static_cast<float>(price);
      out_.has_prices = true;
    });
    AddAnswers(row, base);
    out_.has_categories = out_.has_categories || !row.category.empty();
  }

 private:
  template <class Values, class Take>
  void Put(const Values& values, const Take& take) const {
    for (const auto& [expert, value] : values) {
      if (const auto at = index_.find(expert); at != index_.end()) take(at->second, value);
    }
  }

  void AddAnswers(const TableRow& row, std::size_t base) {
    std::map<std::string_view, std::int32_t> known;
    std::size_t given = 0;
    Put(row.answers, [&](std::size_t i, const std::string& answer) {
      if (answer.empty()) return;
      const auto number = static_cast<std::int32_t>(known.size());
      out_.answers[base + i] = known.emplace(answer, number).first->second;
      ++given;
    });
    out_.has_answers = out_.has_answers || given > 1;
  }

  Questions& out_;
  std::map<std::string, std::size_t> index_;
};

std::vector<double> MeansOf(const Questions& questions, std::span<const std::uint32_t> members,
                            const std::vector<float>& values, double none) {
  const std::size_t width = questions.experts.size();
  std::vector<double> sums(width);
  std::vector<double> counts(width);
  for (const std::uint32_t row : members) {
    for (std::size_t i = 0; i < width; ++i) {
      if (!questions.Recorded(row, i)) continue;
      sums[i] += static_cast<double>(values[questions.At(row, i)]);
      counts[i] += 1;
    }
  }
  for (std::size_t i = 0; i < width; ++i) sums[i] = counts[i] > 0 ? sums[i] / counts[i] : none;
  return sums;
}

}  // namespace

std::uint32_t Questions::FirstRecorded(std::size_t row,
                                       std::span<const std::uint32_t> order) const {
  const auto at = std::find_if(order.begin(), order.end(),
                               [&](std::uint32_t expert) { return Recorded(row, expert); });
  return at == order.end() ? order.front() : *at;
}

std::size_t DropUnscored(const std::vector<std::string>& experts, std::vector<TableRow>* rows) {
  return std::erase_if(*rows, [&](const TableRow& row) {
    return std::none_of(row.scores.begin(), row.scores.end(), [&](const auto& score) {
      return std::binary_search(experts.begin(), experts.end(), score.first);
    });
  });
}

Questions Tabulate(const std::vector<TableRow>& rows, const std::vector<std::string>& experts) {
  Questions questions;
  questions.experts = experts;
  Filler filler(&questions);
  for (const TableRow& row : rows) filler.Add(row);
  return questions;
}

std::vector<double> MeanScores(const Questions& questions, std::span<const std::uint32_t> members,
                               double none) {
  return MeansOf(questions, members, questions.scores, none);
}

std::vector<double> MeanPrices(const Questions& questions, std::span<const std::uint32_t> members) {
  return MeansOf(questions, members, questions.prices, 0);
}

std::vector<std::uint32_t> Descending(const std::vector<double>& values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return values[a] > values[b]; });
  return order;
}

}  // namespace moerge
