#include <algorithm>
#include <string>
#include <utility>

#include "config/base/text.h"
#include "config/policy_references.h"
#include "config/sections/sections.h"
#include "config/validate.h"

namespace moerge {
namespace {

template <class T>
bool Has(const std::vector<T>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(), [&](const T& each) { return each.name == name; });
}

template <class T>
std::string Near(std::string_view name, const std::vector<T>& list) {
  constexpr std::size_t kMostCompared = 500;
  if (list.size() > kMostCompared) return {};
  std::vector<std::string> names;
  for (const T& each : list) names.push_back(each.name);
  return DidYouMean(std::string(name), names);
}

// A file stands for itself: its policies refer to its own backends and experts.
void CheckReferences(const Policy& policy, const Config& config, FieldReader* in) {
  for (const PolicyReference& reference : ReferencesOf(policy)) {
    const std::string_view name = reference.name;
    if (reference.backend ? Has(config.backends, name) : Has(config.experts, name)) continue;
    const std::string near =
        reference.backend ? Near(name, config.backends) : Near(name, config.experts);
    in->AddError("options." + std::string(reference.option),
                 std::string("this file has no ") + (reference.backend ? "backend" : "expert") +
                     " of this name." + near);
  }
}

}  // namespace

Policy ReadPolicy(const YamlPtr& node, const std::string& path, ReadContext* context,
                  UniqueNames* names, const Config* config) {
  Policy policy;
  policy.origin = Origin::kFile;
  FieldReader in(node, path, context);
  in.Text("name", &policy.name, kRequired);
  in.Text("description", &policy.description);
  in.Text("classifier", &policy.classifier);
  in.Text("recruiter", &policy.recruiter);
  in.Integer("experts", &policy.experts);
  in.Text("aggregate", &policy.aggregate);
  in.Number("price_weight", &policy.price_weight);
  in.Number("latency_weight", &policy.latency_weight);
  in.Number("min_score", &policy.min_score);
  in.Integer("max_fallbacks", &policy.max_fallbacks);
  PolicyOptions::Words options;
  in.Options("options", &options);
  policy.options = std::move(options);
  in.Check(FindMistakes(policy));
  if (context->check_policy != nullptr) {
    if (const Status known = context->check_policy(policy, config); !known)
      in.Check({known.error()});
  }
  if (config != nullptr) CheckReferences(policy, *config, &in);
  names->Add(policy.name, &in);
  in.RejectUnknownKeys();
  return policy;
}

void ReadPolicies(FieldReader& top, Config* config, ReadContext* context) {
  UniqueNames names;
  top.Each("policies", [&](const YamlPtr& item, const std::string& path) {
    config->policies.push_back(ReadPolicy(item, path, context, &names, config));
  });
}

}  // namespace moerge
