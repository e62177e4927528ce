// Free-form keywords of a model, mapped to the skills there are: as in Symbolic-MoE (Chen et al.
// 2025), where a keyword model names the skills of a question several times and the names that
// recur are matched to known ones. What a model answers is data: nothing of it but a skill's name
// counts. Immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/snapshot.h"
#include "router/demand.h"
#include "router/signals.h"

namespace moerge {

// The keywords of one answer: lower case, each once, at most 12 of at most 64 bytes. Reads a JSON
// array of strings, or a list separated by commas, semicolons or lines, with or without bullets;
// hidden reasoning (<think>) is left out. A sentence is no keyword.
std::vector<std::string> ParseKeywords(std::string_view answer);

class KeywordIndex {
 public:
  explicit KeywordIndex(const Snapshot& snapshot);

  struct Match {
    SkillId skill;
    float similarity;  // 1: the same name
  };
  // By name, exact or but for case and separators; else the most similar by the characters of name
  // and the words of category and description, if it is similar enough.
  std::optional<Match> Find(std::string_view keyword) const;

 private:
  struct Known {
    SkillId skill;
    std::string folded;
    std::vector<std::uint32_t> trigrams;  // ascending
    std::vector<std::string> words;       // ascending stems of name, category, description
  };
  std::vector<Known> skills_;
};

// How the keywords count.
struct KeywordRule {
  int recur = 2;      // answers that must name a skill
  float prior = 1.0;  // votes that `demand` as it was counts for
};

// Mixes the skills that recur into `demand` in proportion to how often they were named. Says what
// was not understood. False: nothing recurred, and the demand is as it was.
bool MixKeywords(const KeywordSignal& signal, const KeywordIndex& index, const KeywordRule& rule,
                 Demand* demand);

}  // namespace moerge
