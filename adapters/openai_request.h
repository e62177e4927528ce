// A request for an OpenAI-compatible server, spliced from the client's own bytes. Pure,
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"

namespace moerge {

// The body in pieces, to be sent in order: views into the client's bytes, and into `glue`.
struct SplicedBody {
  std::string glue;
  std::string options;  // `stream_options`, where they are not as sent
  std::vector<std::string_view> pieces;

  SplicedBody() = default;
  SplicedBody(const SplicedBody&) = delete;  // pieces point into glue
  SplicedBody& operator=(const SplicedBody&) = delete;
};

enum class AskUsage { kAsSent, kAlways };

// Replaces the value of `model` (added if there is none) and leaves out the member `moerge`; all
// else goes as sent. With `stream` the member of that name is made to say so; `stream_options`,
// which servers refuse without a stream, is left out when it is false, and with kAlways asks for
// the usage when it is true.
void SpliceBody(const ChatBody& body, std::string_view model, std::optional<bool> stream,
                AskUsage usage, SplicedBody* out);

}  // namespace moerge
