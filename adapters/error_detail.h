// What an expert says of its error besides the text: the code, field and type that agents act on.
// Pure, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/json.h"
#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

// The object of a body that is an error: itself, or the first of an array, as Gemini has it.
json::Value ErrorObject(const json::Value& body);

// Whether an `error` in a reply says anything: some servers have one in every answer, empty.
bool IsError(const json::Value& error);

// Fills in reason, param, type and status from a reply of this status, where the request or a limit
// is at fault; what is the operator's to mend stays moerge's own to name. A prompt that the
// expert's context has no room for gets one reason and 400, however it was said.
void TakeErrorDetail(const Backend& backend, int status, std::string_view body, Error* error);

// What an error says, wherever in it that stands: in `error`, `message`, `detail` or the first of
// an array of them, or in another error as text within, as relays hand theirs on. Empty: nowhere.
std::string ErrorText(const json::Value& body);

// Whose fault an error is that came with a status which blames the request, as some servers' do
// whatever is wrong: kNotFound for a model that the server does not have, kForbidden for an account
// that is empty or shut, kUnauthorized for the key; kInvalid for a prompt that a filter refused.
// None: as the status says. A body that is no JSON is read as what it says.
std::optional<ErrorCode> BlamedOn(int status, std::string_view body);

// The seconds to wait that Google's APIs say in the body; 0: none.
std::int64_t RetryDelayIn(std::string_view body);

// The status that an error names which comes in the shape of a success, by number or by a code or
// type that is known; 0: it names none.
int StatusIn(std::string_view body);

// The tokens that such an error says there is room for; 0: it does not say.
std::int64_t ContextIn(std::string_view body);

}  // namespace moerge
