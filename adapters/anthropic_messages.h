// The `messages` of an OpenAI chat request as turns of Anthropic's API. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/anthropic_turns.h"
#include "config/base/json.h"

namespace moerge::anthropic {

// All system and developer messages: one text, as the API has one place for it.
struct SystemPrompt {
  std::string text;
  std::string cache_control;  // JSON, of the last part that has one; empty: none
};
SystemPrompt ReadSystem(const json::Value& messages);

// Everything else. Errors: kInvalid with the field. `notes` gets what is left out.
Status ReadTurns(const json::Value& messages, Turns* turns, std::vector<std::string>* notes);

}  // namespace moerge::anthropic
