// What is known of a tree's regions: which skills their prompts have, how experts did there. Plain
// values; any thread may read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "router/classify/region_tree.h"
#include "router/learn/training_set.h"

namespace moerge {

struct RegionRecord {
  // Trials of the expert's mean that are added to a region's record.
  static constexpr float kDraw = 40;

  std::vector<std::string> skills;   // ascending
  std::vector<std::string> experts;  // ascending
  std::vector<float> means;          // by expert, over all regions
  std::vector<float> wins;           // by region, then expert
  std::vector<float> trials;         // by region, then expert
  std::vector<float> labels;         // by region, then skill: how many prompts
  float share = 0;                   // 0..1: weight of the region's skills against lexical's

  std::size_t regions() const { return prompts.size(); }
  std::vector<float> prompts;  // by region

  float Expected(std::size_t region, std::size_t expert) const;
  // The skills of a region's prompts, drawn toward those of all.
  void Skills(std::size_t region, std::vector<float>* out) const;

  void Write(ByteWriter* out) const;
  static std::optional<RegionRecord> Read(ByteReader* in, std::size_t regions);
};

// `experts`: indices into set.experts. `region`: by document.
RegionRecord Record(const TrainingSet& set, const std::vector<std::uint32_t>& experts,
                    const std::vector<std::uint32_t>& region, std::size_t regions);

// The share with the least log loss on the labelled documents. `demand`: by document, what a
// classifier that has not seen it says.
float FitShare(const RegionRecord& record, const TrainingSet& set,
               const std::vector<std::uint32_t>& region, const SparseRows& demand);

}  // namespace moerge
