// Any bytes as a chat request's body: refused with a text, or read without a fault.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/api/chat_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using moerge::api::ParseChatRequest;
  const auto request = ParseChatRequest(std::string(reinterpret_cast<const char*>(data), size));
  if (!request) {
    std::string quoted;
    moerge::json::AppendQuoted(request.error().message, &quoted);
    const bool readable = moerge::json::Document::Parse(quoted).ok();
    if (request.error().message.empty() || !readable) std::abort();
    return 0;
  }
  // Views must point at live text.
  std::size_t read = request->route.text.user.size() + request->route.text.system.size();
  for (const auto turn : request->route.text.earlier) read += turn.size();
  if (request->body->text().size() != size || read > 2 * size + 64) std::abort();
  return 0;
}
