#include "config/sections/sections.h"
#include "config/validate.h"

namespace moerge {

void ReadPolicies(FieldReader& top, Config* config, ReadContext* context) {
  UniqueNames names;
  top.Each("policies", [&](const YamlPtr& item, const std::string& path) {
    Policy policy;
    policy.origin = Origin::kFile;
    FieldReader in(item, path, context);
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
      const Status known = context->check_policy(policy, *config);
      if (!known) in.Check({known.error()});
    }
    names.Add(policy.name, &in);
    in.Done();
    config->policies.push_back(std::move(policy));
  });
}

}  // namespace moerge
