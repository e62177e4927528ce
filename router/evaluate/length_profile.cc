#include "router/evaluate/length_profile.h"

#include <algorithm>

#include "config/base/utf8.h"

namespace moerge {
namespace {

std::vector<std::size_t> Bounds(const Questions& questions, std::span<const std::uint32_t> train) {
  std::vector<std::size_t> lengths;
  for (const std::uint32_t row : train)
    lengths.push_back(CharacterCount(questions.rows[row]->prompt));
  std::sort(lengths.begin(), lengths.end());
  std::vector<std::size_t> bounds;
  for (std::size_t i = 1; i < LengthProfile::kBuckets; ++i) {
    bounds.push_back(lengths[i * lengths.size() / LengthProfile::kBuckets]);
  }
  return bounds;
}

}  // namespace

std::size_t CharacterCount(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) utf8::Next(text, &at);
  return count;
}

LengthProfile::LengthProfile(const Questions& questions, std::span<const std::uint32_t> train) {
  if (!train.empty()) bounds_ = Bounds(questions, train);
  const std::vector<double> overall = MeanScores(questions, train);
  std::vector<std::vector<double>> sums(kBuckets, std::vector<double>(overall.size()));
  std::vector<std::vector<double>> counts = sums;
  for (const std::uint32_t row : train) {
    const std::size_t bucket = BucketOf(questions.rows[row]->prompt);
    for (std::size_t i = 0; i < overall.size(); ++i) {
      if (!questions.Recorded(row, i)) continue;
      sums[bucket][i] += static_cast<double>(questions.scores[questions.At(row, i)]);
      counts[bucket][i] += 1;
    }
  }
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    for (std::size_t i = 0; i < overall.size(); ++i) {
      sums[bucket][i] =
          (sums[bucket][i] + kOverallTrials * overall[i]) / (counts[bucket][i] + kOverallTrials);
    }
    orders_.push_back(Descending(sums[bucket]));
  }
}

std::size_t LengthProfile::BucketOf(std::string_view prompt) const {
  return static_cast<std::size_t>(std::upper_bound(bounds_.begin(), bounds_.end(), prompt.size()) -
                                  bounds_.begin());
}

const std::vector<std::uint32_t>& LengthProfile::Order(std::string_view prompt) const {
  return orders_[BucketOf(prompt)];
}

}  // namespace moerge
