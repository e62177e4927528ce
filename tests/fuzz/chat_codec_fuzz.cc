// Any bytes as a chat request's body: refused with a text, or read without a fault.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/api/chat_codec.h"
#include "services/api/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using moerge::api::ParseChatRequest;
  const auto request = ParseChatRequest(std::string(reinterpret_cast<const char*>(data), size));
  if (!request) {
    const std::string body = moerge::api::ErrorJson(request.error());
    if (request.error().message.empty() || !moerge::json::Document::Parse(body)) std::abort();
    return 0;
  }
  // Views must point at live text.
  std::size_t read = request->route.text.user.size() + request->route.text.system.size();
  for (const auto turn : request->route.text.earlier) read += turn.size();
  if (request->body->text().size() != size || read > 2 * size + 64) std::abort();
  return 0;
}
