#include "router/vocabulary/label_similarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "router/classify/telling_words.h"

namespace moerge {
namespace {

std::vector<Feature> FeaturesOf(std::string_view text) {
  RequestText request;
  request.user = text;
  return ExtractFeatures(Window(request));
}

using Vectors = std::vector<std::vector<Feature>>;  // ascending by bucket, of length 1 or empty

void Normalise(std::vector<Feature>* vector) {
  float square = 0;
  for (const Feature& cell : *vector) square += cell.value * cell.value;
  for (Feature& cell : *vector) cell.value /= std::max(std::sqrt(square), 1e-9f);
}

void AddTo(const std::vector<Feature>& from, std::vector<float>* sum) {
  for (const Feature& cell : from) (*sum)[cell.bucket] += cell.value;
}

// One vector per label: the mean of its texts', weighted by what tells texts apart.
Vectors MeansOf(const std::vector<std::vector<std::string>>& texts) {
  SparseRows documents;
  std::vector<std::size_t> owner;
  for (std::size_t label = 0; label < texts.size(); ++label) {
    for (std::size_t i = 0; i < std::min(texts[label].size(), kMaxLabelPrompts); ++i) {
      documents.Add(FeaturesOf(texts[label][i]));
      owner.push_back(label);
    }
  }
  std::vector<std::uint32_t> all(documents.size());
  std::iota(all.begin(), all.end(), 0u);
  const Vocabulary vocabulary = TellingWords(documents, all);
  Vectors means(texts.size());
  std::vector<float> sum(vocabulary.size(), 0);
  std::vector<Feature> row;
  for (std::size_t at = 0; at < owner.size();) {
    const std::size_t label = owner[at];
    std::fill(sum.begin(), sum.end(), 0.0f);
    for (; at < owner.size() && owner[at] == label; ++at) {
      vocabulary.Project(documents[at], &row);
      AddTo(row, &sum);
    }
    for (std::uint32_t f = 0; f < sum.size(); ++f) {
      if (sum[f] != 0) means[label].push_back({f, sum[f]});
    }
    Normalise(&means[label]);
  }
  return means;
}

double Cosine(const std::vector<Feature>& a, const std::vector<Feature>& b) {
  double sum = 0;
  auto at = b.begin();
  for (const Feature& cell : a) {
    while (at != b.end() && at->bucket < cell.bucket) ++at;
    if (at == b.end()) break;
    if (at->bucket == cell.bucket) sum += static_cast<double>(cell.value * at->value);
  }
  return std::clamp(sum, 0.0, 1.0);
}

}  // namespace

SimilarityMatrix LabelSimilarity(const std::vector<FreeLabel>& labels, double prompts_weight) {
  std::vector<std::vector<std::string>> names;
  std::vector<std::vector<std::string>> prompts;
  for (const FreeLabel& label : labels) {
    names.push_back({label.text});
    prompts.push_back(label.prompts);
  }
  const Vectors by_name = MeansOf(names);
  const Vectors by_prompts = MeansOf(prompts);
  SimilarityMatrix matrix(labels.size());
  for (std::size_t a = 0; a < labels.size(); ++a) {
    matrix.Set(a, a, 1);
    for (std::size_t b = a + 1; b < labels.size(); ++b) {
      const double name = Cosine(by_name[a], by_name[b]);
      const bool both = !by_prompts[a].empty() && !by_prompts[b].empty();
      const double prompt = both ? Cosine(by_prompts[a], by_prompts[b]) : name;
      // Either may be proof: the same word, or the same requests under other words.
      const double mean = prompts_weight * prompt + (1 - prompts_weight) * name;
      matrix.Set(a, b, std::max(mean, prompts_weight < 1 ? name * name : 0));
    }
  }
  return matrix;
}

}  // namespace moerge
