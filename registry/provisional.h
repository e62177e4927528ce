// Whether what is known of an expert is still a claim. Thread-safe, pure.
#pragma once

#include "registry/snapshot.h"

namespace moerge {

// An expert is provisional, though routable, until this many trials were measured.
inline constexpr double kProvisionalTrials = 50;

inline double MeasuredTrials(const ExpertEntry& expert) {
  double trials = 0;
  for (const SkillRecord& record : expert.record) trials += record.trials;
  return trials;
}

// Tools never are: they compute the answer or decline.
inline bool IsProvisional(const ExpertEntry& expert) {
  return expert.spec.kind != ExpertKind::kTool && MeasuredTrials(expert) < kProvisionalTrials;
}

}  // namespace moerge
