// The part of `embedding` that is trained here: a classifier over the vectors that an encoder
// behind /v1/embeddings gives. Logistic regression (linear probe), nearest centroid (Snell et al.
// 2017, "Prototypical Networks"), or votes of the nearest neighbours; each calibrated on held-out
// folds. Immutable once trained; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/policy_options.h"
#include "router/classify/embedding_vector.h"
#include "router/demand.h"
#include "router/learn/calibration.h"

namespace moerge {

std::string_view HeadKindName(HeadKind kind);  // "logistic", "centroid", "knn"

struct EmbeddingRows {
  std::vector<EmbeddingVector> vectors;  // all of one dimension
  std::vector<std::uint32_t> labels;     // by vector: index into skills
  std::vector<std::string> skills;       // ascending
};

// Scores of skills for a vector of length 1; what differs between the kinds.
class EmbeddingScorer {
 public:
  virtual ~EmbeddingScorer() = default;
  virtual void Score(const std::vector<float>& unit, std::vector<float>* out) const = 0;
};

class EmbeddingHead {
 public:
  // That owners train on; of more those with the lowest hashes of their ids.
  static constexpr std::size_t kMaxRows = 4096;

  // Deterministic. Null: stopped, or no rows.
  static std::shared_ptr<const EmbeddingHead> Train(const EmbeddingRows& rows, HeadKind kind,
                                                    const std::atomic<bool>* stop = nullptr);

  std::size_t dimensions() const { return dimensions_; }
  const Quality& quality() const { return quality_; }  // on held-out folds
  // Replaces the demand's skills and confidence. False: the vector has another dimension.
  bool Classify(const EmbeddingVector& vector, Demand* demand) const;

 private:
  EmbeddingHead() = default;

  std::vector<SkillId> skills_;
  std::size_t dimensions_ = 0;
  std::unique_ptr<const EmbeddingScorer> scorer_;
  float sharpness_ = 1;
  Quality quality_;
};

}  // namespace moerge
