// `gate`: every expert brings its own gate, fitted on its own samples alone: prompts it has scores
// for. Router and owners share nothing but a generic background, the examples of the shipped
// skills, against which each gate tells what its expert is for; measured in deviations from that
// background, and turned into a probability on its own held-out samples, gates of different owners
// can be compared. Demand is that of `lexical`.
//
// Muqeeth et al. 2024, "Learning to Route Among Specialized Experts for Zero-Shot Generalization"
// (PHATGOOSE), there per token and module, here per request. An expert's gate has the same bytes
// whatever the other experts' samples are. Immutable; any thread may classify.
#pragma once

#include <map>
#include <optional>

#include "router/classify/catalogue.h"

namespace moerge {

// The generic background, and what words weigh in it: the same for all gates, for ever.
class GateBackground {
 public:
  static constexpr std::size_t kWidth = kBuckets / 2;  // features of a gate

  static const GateBackground& Shipped();
  // Weighted, folded to kWidth features and scaled to length 1.
  void Project(std::span<const Feature> document, std::vector<Feature>* out) const;
  const SparseRows& rows() const { return rows_; }  // projected

 private:
  GateBackground();
  std::vector<float> idf_;  // by bucket
  SparseRows rows_;
};

// An expert's own samples: projected prompts, and how it did on them, 0..1.
struct GateSamples {
  SparseRows rows;
  std::vector<float> scores;
};

class ExpertGate {
 public:
  static constexpr std::size_t kMinSamples = 8;
  static constexpr std::size_t kMaxSamples = 10'000;

  // From nothing but the expert's own samples and the background.
  static ExpertGate Fit(const GateSamples& own, const GateBackground& background);

  // Deviations above what the background's prompts get.
  float Deviations(std::span<const Feature> projected) const;
  // The probability of a good answer.
  float Expected(float deviations) const;

  void Write(ByteWriter* out) const;
  static std::optional<ExpertGate> Read(ByteReader* in);

 private:
  void Round(const std::vector<float>& weights);
  void Centre(const GateBackground& background);
  float Raw(std::span<const Feature> projected) const;

  std::vector<std::int16_t> weights_;  // by feature
  float scale_ = 0;                    // of the weights
  float mean_ = 0;                     // of the background's raw scores
  float deviation_ = 1;
  float slope_ = 1;
  float offset_ = 0;
};

ClassifierPtr TrainGates(const ClassifierTask& task);
ClassifierPtr RestoreGates(std::string_view bytes, const ClassifierTask& task);
// Of each expert of a classifier that TrainGates made.
std::map<std::string, std::string> GateBytes(const Classifier& gates);

}  // namespace moerge
