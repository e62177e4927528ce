// What policies may be made of, as JSON: the body of GET /api/v1/policy-kinds, and the source of
// router/OPTIONS.md. Pure; any thread.
#pragma once

#include <string>

namespace moerge::api {

// {"classifiers", "recruiters", "aggregates", "options"}: lists of objects, each with its name.
std::string PolicyKindsJson();

}  // namespace moerge::api
