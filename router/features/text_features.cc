#include "router/features/text_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "router/features/normaliser.h"

namespace moerge {
namespace {

constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;

// Keeps features of different kinds apart.
enum Kind : std::uint64_t { kWord = 1, kPair = 2, kGram = 3, kShape = 4 };

constexpr std::uint64_t Mix(std::uint64_t hash, std::uint64_t value) {
  return (hash ^ value) * kPrime ^ (hash >> 29);
}

constexpr std::uint32_t Bucket(std::uint64_t hash) {
  hash = (hash ^ (hash >> 32)) * kPrime;
  return static_cast<std::uint32_t>(hash >> (64 - kBucketBits));
}

constexpr int kCeiling = 32 * Window::kFullWeight;

const std::vector<float>& Logs() {
  static const std::vector<float> kLogs = [] {
    std::vector<float> logs(kCeiling + 1);
    for (int count = 0; count <= kCeiling; ++count) {
      logs[count] = std::log2(1.0f + static_cast<float>(count) / Window::kFullWeight);
    }
    return logs;
  }();
  return kLogs;
}

// Weighted counts per bucket, reset in time proportional to what was touched.
class FeatureCounts {
 public:
  // Makes room for so many features more. REQUIRES: it was called before they are added.
  void Reserve(std::size_t features) {
    const auto used = static_cast<std::size_t>(end_ - touched_.data());
    if (touched_.size() <= used + features) touched_.resize(used + features + 1);
    end_ = touched_.data() + used;
  }

  void Add(std::uint64_t hash, int weight) {
    const std::uint32_t bucket = Bucket(hash);
    std::uint16_t& count = counts_[bucket];
    *end_ = bucket;
    end_ += count == 0;  // no branch: it would be unpredictable
    count = static_cast<std::uint16_t>(std::min(count + weight, kCeiling));
  }

  void Take(std::vector<Feature>* out) {
    const std::vector<float>& logs = Logs();
    out->resize(static_cast<std::size_t>(end_ - touched_.data()));
    Feature* feature = out->data();
    for (const std::uint32_t* at = touched_.data(); at != end_; ++at) {
      *feature++ = {*at, logs[counts_[*at]]};
      counts_[*at] = 0;
    }
    end_ = touched_.data();
  }

 private:
  std::vector<std::uint16_t> counts_ = std::vector<std::uint16_t>(kBuckets, 0);
  std::vector<std::uint32_t> touched_ = std::vector<std::uint32_t>(1);
  std::uint32_t* end_ = touched_.data();  // behind the last one touched; there is room for one more
};

// What a text looks like, apart from its words.
struct Shape {
  int chars = 0;
  int lines = 0;
  int numbers = 0;
  int symbols = 0;
};

bool InWord(CharKind kind) { return kind == CharKind::kLetter || kind == CharKind::kDigit; }

// Words count double and pairs half: in short requests single words tell most. Characters of
// scripts without spaces are so many words, and their pairs tell as much.
void AddWords(std::span<const FoldedChar> text, int weight, Shape* shape, FeatureCounts* counts) {
  std::uint64_t previous = 0;
  for (std::size_t i = 0; i < text.size();) {
    const CharKind kind = text[i].kind;
    if (kind == CharKind::kBlank) {
      ++i;
      continue;
    }
    std::uint64_t word = Mix(kWord, text[i].code);
    shape->symbols += kind == CharKind::kSymbol;
    shape->numbers += kind == CharKind::kDigit;
    ++i;
    for (; InWord(kind) && i < text.size() && InWord(text[i].kind); ++i) {
      word = Mix(word, text[i].code);
    }
    counts->Add(word, weight * 2);
    if (previous != 0) {
      const int pair_weight = kind == CharKind::kUnspaced ? weight * 2 : (weight + 1) / 2;
      counts->Add(Mix(Mix(kPair, previous), word), pair_weight);
    }
    previous = kind == CharKind::kSymbol ? 0 : word;
  }
}

// Runs of four characters inside words, with the blank before and after: typos and endings change
// few.
void AddGrams(std::span<const FoldedChar> text, int weight, FeatureCounts* counts) {
  constexpr std::size_t kLength = 4;
  std::size_t inside = 0;  // characters since the last break
  std::uint64_t hash = 0;
  for (const FoldedChar& c : text) {
    const bool breaks = c.kind == CharKind::kBlank || c.kind == CharKind::kSymbol;
    hash = hash << 16 | (c.code & 0xFFFF);
    if (++inside >= kLength) counts->Add(Mix(kGram, hash), weight);
    if (breaks) inside = 1;
  }
}

// A feature for every power of two that `amount` reaches.
void AddLevels(std::uint64_t what, int amount, FeatureCounts* counts) {
  for (int level = 1; level <= amount && level <= 1 << 14; level *= 2) {
    counts->Add(Mix(Mix(kShape, what), static_cast<std::uint64_t>(level)), Window::kFullWeight);
  }
}

void AddShape(const Shape& shape, FeatureCounts* counts) {
  counts->Reserve(4 * 15);
  AddLevels(1, shape.chars / 16, counts);
  AddLevels(2, shape.lines, counts);
  AddLevels(3, shape.numbers, counts);
  AddLevels(4, shape.symbols / 4, counts);
}

struct Scratch {
  FeatureCounts counts;
  std::vector<FoldedChar> text;
};

}  // namespace

void ExtractFeatures(const Window& window, std::vector<Feature>* out) {
  thread_local Scratch scratch;
  Shape shape;
  for (const Window::Piece& piece : window.pieces()) {
    const std::span<const FoldedChar> text = FoldText(piece.text, &scratch.text);
    scratch.counts.Reserve(3 * text.size());  // a character ends a word, a pair and a gram
    Shape part;
    AddWords(text, piece.weight, &part, &scratch.counts);
    AddGrams(text, piece.weight, &scratch.counts);
    if (piece.weight != Window::kFullWeight) continue;
    shape.chars += static_cast<int>(text.size());
    shape.lines += static_cast<int>(std::count(piece.text.begin(), piece.text.end(), '\n'));
    shape.numbers += part.numbers;
    shape.symbols += part.symbols;
  }
  if (shape.chars > 0) AddShape(shape, &scratch.counts);
  scratch.counts.Take(out);
}

std::vector<Feature> ExtractFeatures(const Window& window) {
  std::vector<Feature> features;
  ExtractFeatures(window, &features);
  return features;
}

}  // namespace moerge
