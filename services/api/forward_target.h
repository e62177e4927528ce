// Who gets a request that is passed through: /v1/embeddings and /v1/completions. Pure.
#pragma once

#include "config/base/json.h"
#include "config/base/result.h"
#include "registry/snapshot.h"

namespace moerge::api {

// The expert that the field `model` names. Errors: kInvalid and kNotFound, with the field.
Result<const ExpertEntry*> ForwardTarget(const Snapshot& snapshot, json::Value model);

}  // namespace moerge::api
