// From the text of a JSON Schema to what checks values: every keyword known and well formed, every
// reference found, every pattern compiled, no reference in a circle. Internal to json_schema.
// Thread-safe, pure. Error: kInvalid with `param`.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/base/result.h"
#include "services/verify/schema_keywords.h"

namespace moerge {

Result<std::shared_ptr<const CompiledSchema>> CompileSchema(std::string_view text,
                                                            const std::string& param);

}  // namespace moerge
