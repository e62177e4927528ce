// How sure a reply's own tokens are. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "adapters/chat.h"

namespace moerge {

// `reply`: a chat.completion with log-probabilities. The geometric mean of the probabilities of its
// first choice's tokens, 0..1; nothing: it has none.
std::optional<double> MeanTokenProbability(std::string_view reply);

// Takes them out of the reply again, for a client that did not ask for them.
void DropProbabilities(ChatReply* reply);

}  // namespace moerge
