// Bodies of the requests that moerge makes of a client's request: the same conversation with
// material added to it, or a question of moerge's own about it. Pure; any thread.
#pragma once

#include <memory>
#include <string_view>

#include "adapters/chat.h"

namespace moerge {

// The client's request with `material` after the text of its last user turn. Turns keep their
// order and number, since many models require them to alternate. Without functions and several
// choices; `in_own_form`: also without what bounds the form of the client's answer (a format,
// stops, lengths, log-probabilities), which this is not. REQUIRES: `body` was checked as a chat
// request.
ChatBodyPtr WithMaterial(const ChatBody& body, std::string_view material, bool in_own_form = false);

// The same conversation with `question` as the text of its last user turn; what it shows stays.
ChatBodyPtr WithQuestion(const ChatBody& body, std::string_view question);

// Instructions and a question, answered with temperature 0.
struct OwnQuestion {
  std::string_view instructions;
  std::string_view question;
  int max_tokens = 0;
};
ChatBodyPtr BodyOf(const OwnQuestion& question);

// The same body with `temperature`, for another sample of the same answer.
ChatBodyPtr WithTemperature(const ChatBody& body, double temperature);

// The same body, asking for the tokens' log-probabilities.
ChatBodyPtr WithLogprobs(const ChatBody& body);

// The estimated tokens of a follow-up's prompt: bytes / 4.
std::int64_t PromptTokens(const ChatBody& body);

}  // namespace moerge
