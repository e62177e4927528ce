// Which system prompts say nothing of the answer. Pure, thread-safe.
#pragma once

#include <string_view>

namespace moerge::api {

// Whether every sentence of it is known to leave the answer as it is: "You are a helpful
// assistant." and its like. What is not known may prescribe a language, a form, a role or silence.
bool SaysNothingOfTheAnswer(std::string_view system);

}  // namespace moerge::api
