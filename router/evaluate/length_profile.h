// What the length of a prompt alone says about experts: training prompts in buckets of equal size
// by length, and each expert's mean there, shrunk toward its overall mean. The baseline that a
// router which claims to read text has to beat. Immutable; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "router/evaluate/questions.h"

namespace moerge {

// Code points, not bytes; a byte that is not UTF-8 counts as one.
std::size_t CharacterCount(std::string_view text);

class LengthProfile {
 public:
  static constexpr std::size_t kBuckets = 8;
  static constexpr double kOverallTrials = 40;  // what the overall mean counts in a bucket

  LengthProfile(const Questions& questions, std::span<const std::uint32_t> train);
  // Best first.
  const std::vector<std::uint32_t>& Order(std::string_view prompt) const;

 private:
  std::size_t BucketOf(std::string_view prompt) const;

  std::vector<std::size_t>
      bounds_;  // in characters; a prompt as long as a bound is above it; ascending
  std::vector<std::vector<std::uint32_t>> orders_;
};

}  // namespace moerge
