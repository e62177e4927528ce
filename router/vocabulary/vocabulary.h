// A skill vocabulary built from free-form labels: what people or models called the skill of
// requests, in their own words, merged into coarse skills. Labels that are written alike or stand
// on similar prompts are one skill. The outcome is a proposal for review; nothing else is changed
// by it.
//
// Didolkar et al. 2024, "Metacognitive Capabilities of LLMs: An Exploration in Mathematical Problem
// Solving" (labels, then families of labels); merged by average linkage, Sokal and Michener 1958.
// Pure and deterministic: equal input in any order gives an equal proposal. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

struct FreeLabel {
  std::string text;                  // "Solving linear equations"
  std::size_t count = 1;             // how often it was given
  std::vector<std::string> prompts;  // some of the requests it was given to
};

struct VocabularyOptions {
  double merge_at = 0.35;       // 0..1: labels at least this similar become one skill
  double prompts_weight = 0.7;  // 0..1: similarity of prompts against that of the labels' words
  std::size_t least_count = 1;  // labels given less often join the nearest skill, or none
  std::size_t max_skills = 200;
};

struct ProposedSkill {
  Skill skill;            // named after its most frequent label; examples from its prompts
  std::size_t count = 0;  // of all its labels
  std::vector<std::string> labels;  // most frequent first
  double cohesion = 1;              // mean similarity between its labels, 0..1; 1 for a single one
};

struct VocabularyProposal {
  std::vector<ProposedSkill> skills;  // most frequent first
  std::vector<std::string> left_out;  // labels too rare and too far from all skills
};

inline constexpr std::size_t kMaxLabels = 2000;
inline constexpr std::size_t kMaxLabelPrompts = 50;  // read of one label; further ones do not count

// Labels that differ in case, white space and marks alone count as one from the start. Errors:
// kInvalid for no label, more than kMaxLabels different ones, options out of range.
Result<VocabularyProposal> ProposeVocabulary(const std::vector<FreeLabel>& labels,
                                             const VocabularyOptions& options = {});

// The label in lower case, words separated by one blank, marks dropped; what labels are compared
// as.
std::string NormalisedLabel(std::string_view text);

}  // namespace moerge
