// From observations to evidence. Thread-safe, pure.
#pragma once

#include <string_view>
#include <vector>

#include "registry/types.h"

namespace moerge {

// Wins (the sum of scores) and trials by expert, skill and source, in that order of names. An
// observation without a skill counts for "general". `updated` is left for the caller to set.
std::vector<Evidence> SummariseObservations(const std::vector<Observation>& observations);

inline constexpr std::string_view kFeedbackSource = "feedback";
inline constexpr std::string_view kOnboardingSource = "onboarding";

// Sources that grow day by day are kept by day, so that each part has an age: "feedback" of
// "feedback@2026-01-31". Other sources are their own family.
std::string_view SourceFamily(std::string_view source);
std::string DatedSource(std::string_view family, WallTime time);

}  // namespace moerge
