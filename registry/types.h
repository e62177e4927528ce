// What the registry knows beyond what is configured: evidence and observations. Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/entities.h"
#include "registry/ids.h"

namespace moerge {

using WallTime = std::chrono::system_clock::time_point;

// What was measured: `wins` (0 <= wins <= trials, fractional scores allowed) in `trials` requests
// that needed `skill`. Kept in single precision.
struct Evidence {
  std::string expert;
  std::string skill;
  double wins = 0;
  double trials = 0;
  std::string source;  // "import:mmlu.jsonl", "feedback@2026-01-31", "onboarding", ...
  WallTime updated;    // kept per expert and source: the latest of its cells
};

// Measured wins and trials of one expert for one skill.
struct SkillRecord {
  SkillId skill;
  float wins = 0;
  float trials = 0;
  bool operator==(const SkillRecord&) const = default;
};

// One request with a known skill, and how experts did on it. Trains classifiers and profiles.
struct Observation {
  std::string id;
  std::string prompt;
  std::string skill;  // empty: unknown
  std::string source;
  std::vector<std::pair<std::string, double>> scores;  // by expert, 0..1
};

// A client's judgement of one answer. Of one decision and key only the latest counts.
struct Feedback {
  std::string decision;         // id
  std::string key;              // name of the key it came with; empty: open access
  std::string expert;           // the one judged
  std::optional<double> score;  // how correct, 0..1; none: not said
  std::vector<std::pair<std::string, double>> skills;  // the share of a trial that each counts for
  WallTime time;
  WallTime
      decided;  // when the decision was made; feedback is kept as long as decisions of that time
  std::optional<double> helpfulness = {};  // 0..1; none: not said. It is no evidence of skills.
};

}  // namespace moerge
