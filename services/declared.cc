#include "services/declared.h"

#include <utility>

#include "services/built_in_policies.h"

namespace moerge {
namespace {

// A tool answers exactly or declines, so where its own skill is in demand it is nearly always
// right.
constexpr double kToolStrength = 0.98;

Expert ToolExpert(const Tool& tool) {
  Expert expert;
  expert.name = tool.Name();
  expert.kind = ExpertKind::kTool;
  expert.description = tool.Description();
  expert.model = tool.Name();
  expert.function_calling = false;
  expert.skills[std::string(tool.Name())] = kToolStrength;
  expert.tags = {"tool"};
  expert.origin = Origin::kBuiltIn;
  return expert;
}

}  // namespace

Result<DeclaredState> Declare(const Config& config, const ToolSet& tools) {
  DeclaredState out;
  out.file = config.file;
  out.half_life = config.profiles.half_life;
  if (config.tools) {
    for (const auto& tool : tools.all()) out.experts.push_back(ToolExpert(*tool));
  }
  if (config.shipped_skills) out.skills = ShippedSkills();
  out.policies = BuiltInPolicies();
  out.backends = config.backends;
  out.experts.insert(out.experts.end(), config.experts.begin(), config.experts.end());
  out.skills.insert(out.skills.end(), config.skills.begin(), config.skills.end());
  out.policies.insert(out.policies.end(), config.policies.begin(), config.policies.end());
  Result<std::vector<ApiKey>> keys = ResolveKeys(config);
  if (!keys) return std::move(keys).error();
  out.keys = *std::move(keys);
  return out;
}

DecisionRetention RetentionOf(const Config& config) {
  return {config.store.decisions_max_age, config.store.decisions_max_count};
}

}  // namespace moerge
