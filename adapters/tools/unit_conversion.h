// Converts a quantity to a unit, exactly, under every reading of ambiguous units. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/tools/presentation.h"
#include "adapters/tools/tool.h"
#include "adapters/tools/unit_quantity.h"

namespace moerge::tools {

// `target` is one unit ("cm") or several from large to small ("feet and inches"). Declines when the
// kinds differ.
[[nodiscard]] ToolReply ConvertQuantity(const std::vector<QuantityPart>& quantity,
                                        std::string_view target, const Presentation& how);

// Whether `target` names a unit or a sequence of units.
[[nodiscard]] bool IsUnitTarget(std::string_view target);

}  // namespace moerge::tools
