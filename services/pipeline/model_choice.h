// What a client means by `model`: a policy that routes, or one expert by name. Pure; any thread.
#pragma once

#include <string_view>

#include "config/base/result.h"
#include "registry/snapshot.h"

namespace moerge {

struct ModelChoice {
  const Policy* policy = nullptr;  // one of the two; in the snapshot
  const ExpertEntry* expert = nullptr;
};

// `policy` is the request's own and replaces the policy that "auto" means; empty: none.
// Errors: kNotFound with reason "model_not_found" and close names; kInvalid for a policy with a
// model that leaves no choice, with `param` "moerge.policy".
Result<ModelChoice> ChooseModel(const Snapshot& snapshot, std::string_view model,
                                std::string_view policy);

}  // namespace moerge
