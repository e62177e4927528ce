#include "config/sections/sections.h"
#include "config/validate.h"

namespace moerge {

Policy ReadPolicy(const YamlPtr& node, const std::string& path, const Config& config,
                  ReadContext* context, UniqueNames* names) {
  Policy policy;
  policy.origin = Origin::kFile;
  FieldReader in(node, path, context);
  in.Text("name", &policy.name, kRequired);
  in.Text("description", &policy.description);
  in.Text("classifier", &policy.classifier);
  in.Text("recruiter", &policy.recruiter);
  in.Whole("experts", &policy.experts);
  in.Text("aggregate", &policy.aggregate);
  in.Number("price_weight", &policy.price_weight);
  in.Number("min_score", &policy.min_score);
  in.Whole("max_fallbacks", &policy.max_fallbacks);
  in.Options("options", &policy.options);
  in.Check(FindMistakes(policy));
  if (context->check_policy != nullptr) {
    const Status known = context->check_policy(policy, config);
    if (!known) in.Check({known.error()});
  }
  names->Add(policy.name, &in);
  in.Done();
  return policy;
}

void ReadPolicies(FieldReader& top, Config* config, ReadContext* context) {
  UniqueNames names;
  top.Each("policies", [&](const YamlPtr& item, const std::string& path) {
    config->policies.push_back(ReadPolicy(item, path, *config, context, &names));
  });
}

}  // namespace moerge
