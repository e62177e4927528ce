// The policies that exist without a configuration: `auto`, and one for every other aggregate,
// named as it is, so that clients may ask for `moerge/vote`, `moerge/debate` and so on out of the
// box. A file's or the store's policy of the same name takes its place. Thread-safe, pure.
#pragma once

#include <vector>

#include "config/entities.h"

namespace moerge {

std::vector<Policy> BuiltInPolicies();

}  // namespace moerge
