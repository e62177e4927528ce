// Definitions of tools as Ollama reads them: into types of its own, so that one schema beyond them
// fails the whole request. Pure, thread-safe.
#pragma once

#include "config/base/json.h"

namespace moerge::ollama {

// Writes one of OpenAI's `tools`: the type of parameters as one word (the first that is not null),
// and schemas that are a bare `true` as `{}`; a property that is `false` may not be given and is
// left out. All else as it came.
void WriteTool(const json::Value& tool, json::Writer* writer);

}  // namespace moerge::ollama
