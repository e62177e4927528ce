// What classifiers and profiles learn from: the skills' examples and the observations, as features.
// Text is dropped as soon as it is read. Built by one thread, then read by any.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "registry/types.h"
#include "router/features/shape_features.h"
#include "router/features/text_traits.h"
#include "router/learn/documents.h"

namespace moerge {

struct TrainingSet {
  static constexpr std::uint32_t kNoSkill = UINT32_MAX;

  SparseRows documents;               // raw features
  std::vector<ShapeFeatures> shapes;  // by document
  std::vector<std::string> skills;    // ascending
  // By skill: skills of one category have equal numbers, from 0 on; one without stands for itself.
  std::vector<std::uint32_t> categories;
  std::size_t category_count = 0;
  std::vector<std::uint32_t> labels;  // by document: index into skills, or kNoSkill
  std::vector<bool> observed;         // by document: an observation, no example of the vocabulary
  std::vector<float> weights;         // by document
  std::vector<TextTraits> traits;     // by document
  std::vector<std::string> experts;   // ascending; those with scores
  std::vector<float> scores;          // by document, then expert; NaN where unknown
  std::string fingerprint;            // equal for equal content and code version

  std::vector<std::uint32_t> Labelled() const;  // documents with a skill
  std::vector<std::uint32_t> Scored() const;    // documents with a score
  // Indices of the experts with at least `least` scores, ascending; of too many the `most` with the
  // most scores.
  std::vector<std::uint32_t> MostScored(std::size_t least, std::size_t most) const;
};

class TrainingSetBuilder {
 public:
  // Beyond this many, an even sample is kept, chosen by the observations' ids.
  static constexpr std::size_t kMaxObservations = 20'000;

  // Its examples, and its name with the description as one more.
  void AddSkill(const Skill& skill);
  // Counts as labelled if its skill was added before.
  void AddObservation(const Observation& observation);
  TrainingSet Build();

 private:
  struct Row {
    std::uint64_t order = 0;  // hash of the id; 0 for examples
    std::string skill;
    std::vector<Feature> features;
    ShapeFeatures shape;
    TextTraits traits{};
    std::vector<std::pair<std::string, double>> scores;
  };

  void AddText(std::string_view text, const std::string& skill, std::uint64_t order);
  void Thin();
  void Stamp(std::string_view text);

  void NumberCategories(TrainingSet* set) const;

  struct SkillRow {
    std::string category;
    std::size_t index = 0;
  };
  std::map<std::string, SkillRow> skills_;
  std::vector<Row> rows_;
  std::size_t observations_ = 0;
  std::uint64_t accept_below_ = UINT64_MAX;
  std::uint64_t stamp_[2] = {1, 2};
};

}  // namespace moerge
