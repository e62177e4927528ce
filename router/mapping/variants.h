// Which variant of each expert is worth its memory: one model in several quantisations, say, where
// a device has no room for the best of all. The choice with the highest expected score that fits: a
// multiple-choice knapsack, exact as long as BudgetCurve says so. After the bit-widths that MC-MoE
// (Huang et al. 2024) allots to experts by their importance. Pure; any thread.
//
// Experts of one backend with the tag "variant_of:NAME" are variants of NAME; one without it has no
// other. A family's importance is the share of requests for which it has the best expert, taken
// from the evidence as a Mapping does; one that is best at nothing gets what is left over.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "router/profile/competence.h"

namespace moerge {

inline constexpr std::string_view kVariantTag = "variant_of:";

// What the expert is a variant of; its own name: it has no other.
std::string_view FamilyOf(const Expert& expert);

struct ExpertVariant {
  std::uint32_t expert = 0;  // index into the snapshot
  double memory_gb = 0;      // > 0
  double expected = 0;       // score at what its family is asked, 0..1
};

struct VariantFamily {
  std::string name;
  double share = 0;  // of the requests, > 0; those of all families sum to 1
  std::vector<ExpertVariant> variants;
};

// Those of a backend. `memory_gb`: by expert, 0 where it is not known: such an expert is left out.
std::vector<VariantFamily> FamiliesOn(const Competence& competence, std::string_view backend,
                                      std::span<const double> memory_gb);

struct DeviceMemory {
  double each_gb = 0;
  int devices = 1;  // that are like each other; a variant is on one of them
};

struct VariantChoice {
  std::vector<std::optional<std::size_t>> kept;  // by family, which variant; nothing: none
  double memory_gb = 0;
  double expected = 0;  // over the requests; 0 for those whose expert is not kept
  // No other choice is better. With several devices, or thousands of variants, it may be that one
  // is.
  bool exact = true;
};
// Families of which no variant is kept are those where it costs least.
VariantChoice ChooseVariants(std::span<const VariantFamily> families, const DeviceMemory& memory);

}  // namespace moerge
