// What aggregates of several answers refuse, since they have no way to honour it. Pure; any thread.
#pragma once

#include <string_view>

#include "config/base/result.h"
#include "services/calls/chat_request.h"

namespace moerge {

// The field that brings functions, "tools" or "functions"; empty: none does.
std::string_view FunctionsField(const ChatRequest& request);

// Which fields of a request no aggregate of several answers can honour. Error: kInvalid, `param` is
// the field; says why and which can.
Status RefuseChoices(const ChatRequest& request, std::string_view aggregate);
// The same for those whose answer is written after reading others: no functions, no choices.
Status RefuseForAuthors(const ChatRequest& request, std::string_view aggregate);
// One that `aggregate` has no way to honour: a field that is there and neither null nor false.
Status RefuseField(const ChatRequest& request, std::string_view aggregate, std::string_view field);

// A verifier, since `why`.
Status RefuseVerifier(const ChatRequest& request, std::string_view why);

}  // namespace moerge
