// An OpenAI chat request as one of Ollama's native /api/chat. Pure, thread-safe. By the rules of
// ollama_rules.h nothing is left out in silence.
#pragma once

#include "adapters/translated_request.h"
#include "config/base/json.h"
#include "config/entities.h"

namespace moerge {

// `request` is the root of a checked chat request. Where it names no `num_ctx`, the expert's
// `context` is said, as Ollama cuts prompts at a default of its own. Errors: kInvalid with the
// field, for what the API cannot express.
Result<TranslatedRequest> ToOllamaRequest(const json::Value& request, const Expert& expert,
                                          bool stream);

// What a model takes of a wish that it may think.
enum class OllamaThink {
  kAsSaid,
  kPlain,  // yes or no, no effort
  kNone,   // it cannot
};
Result<TranslatedRequest> ToOllamaRequest(const json::Value& request, const Expert& expert,
                                          bool stream, OllamaThink think);

}  // namespace moerge
