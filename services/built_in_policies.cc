#include "services/built_in_policies.h"

#include <string_view>

namespace moerge {
namespace {

struct Recipe {
  std::string_view aggregate;  // and name
  int experts;
  std::string_view description;
  int fallbacks = 4;
};

constexpr Recipe kRecipes[] = {
    {"vote", 5, "Up to five experts answer, fewer where they agree; the weightiest answer wins"},
    {"best_of", 3, "Three experts answer; agreement or a judge picks the best answer"},
    {"synthesize", 3, "Three experts answer, and one of them writes one answer out of all"},
    {"panel", 3, "Three experts' viewpoints are merged; the best of the merged and their own wins"},
    {"debate", 2, "Two experts argue where they differ, and a judge decides"},
    {"layers", 3, "Three experts answer, answer again having read each other, and one concludes"},
    {"cascade", 1, "The cheapest adequate expert first, expensive ones while it is not sure enough",
     9},
    {"race", 2, "Two experts at once; the first answer wins"},
    {"refine", 1, "One expert writes several drafts and answers having read them"},
    {"consult", 3, "Specialists are consulted, and the generalist answers"},
};

Policy PolicyOf(const Recipe& recipe) {
  Policy policy;
  policy.name = recipe.aggregate;
  policy.description = recipe.description;
  policy.aggregate = recipe.aggregate;
  policy.experts = recipe.experts;
  policy.max_fallbacks = recipe.fallbacks;
  policy.origin = Origin::kBuiltIn;
  return policy;
}

Policy DefaultPolicy() {
  Policy policy;
  policy.name = "auto";
  policy.description = "The expert expected to do best, its runners-up behind it";
  policy.origin = Origin::kBuiltIn;
  return policy;
}

}  // namespace

std::vector<Policy> BuiltInPolicies() {
  std::vector<Policy> policies = {DefaultPolicy()};
  for (const Recipe& recipe : kRecipes) policies.push_back(PolicyOf(recipe));
  return policies;
}

}  // namespace moerge
