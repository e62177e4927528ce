// An OpenAI chat request as one of Anthropic's Messages API. Pure, thread-safe. By the rules of
// anthropic_rules.h nothing is left out in silence.
#pragma once

#include "adapters/anthropic_refusals.h"
#include "adapters/translated_request.h"
#include "config/base/json.h"
#include "config/entities.h"

namespace moerge {

// `request` is the root of a checked chat request. Where it names no limit of tokens, which the API
// insists on, the expert's `max_output` is said, or 8192. Errors: kInvalid with the field, for what
// the API cannot express. What the model has `refused` is said in another way, or left out.
Result<TranslatedRequest> ToAnthropicRequest(const json::Value& request, const Expert& expert,
                                             bool stream);
Result<TranslatedRequest> ToAnthropicRequest(const json::Value& request, const Expert& expert,
                                             bool stream, const anthropic::Refusals& refused);

}  // namespace moerge
