// What a text needs, by the policy "auto". Thread-safe, pure.
#pragma once

#include <string_view>

#include "router/router.h"

namespace moerge {

// No skills: there is no such policy, or nothing is trained yet.
Demand InferText(const Router& router, std::string_view text);

}  // namespace moerge
