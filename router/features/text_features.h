// A request as a sparse vector: hashed words, pairs of words, character n-grams and the shape of
// the text (length, numbers, code marks). Case is folded and every digit counts as the same, in any
// script; scripts written without spaces give single characters and pairs of them instead of words.
//
// The hashing trick: Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning".
// Pure and stable over versions and machines (kFeatureVersion says when it is not); any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "router/features/window.h"

namespace moerge {

inline constexpr int kFeatureVersion = 2;  // raise whenever the same text gives other features
inline constexpr int kBucketBits = 17;
inline constexpr std::uint32_t kBuckets = 1u << kBucketBits;

struct Feature {
  std::uint32_t bucket;
  float value;  // log2(1 + weighted count), > 0
};

// In order of first appearance, each bucket once. Replaces what is in `out`, whose room is used.
void ExtractFeatures(const Window& window, std::vector<Feature>* out);
std::vector<Feature> ExtractFeatures(const Window& window);

}  // namespace moerge
