#include "services/api/request_body.h"

#include "adapters/content_decoder.h"
#include "config/base/text.h"
#include "services/http/body_room.h"

namespace moerge::api {
namespace {

Error UnknownCoding(std::string_view name) {
  return Error{.code = ErrorCode::kInvalid,
               .message = "the content-encoding `" + std::string(name) +
                          "` is not known here; send gzip, deflate or the body as it is",
               .reason = "unsupported_content_encoding",
               .status = 415};
}

Error NoRoomForBody() {
  return Error{.code = ErrorCode::kOverloaded,
               .message = std::string(http::kNoBodyRoom),
               .retry_after = std::chrono::seconds(1)};
}

}  // namespace

Result<std::string> TakeDecodedBody(const ApiContext& context, ApiCall& call) {
  const std::string name(Trim(call.exchange.request().Find("content-encoding")));
  std::string body = call.exchange.TakeBody();
  if (name.empty() || EqualsIgnoreCase(name, "identity")) return body;
  const auto coding = ParseCoding(name);
  if (!coding) return UnknownCoding(name);
  const std::size_t most = context.shared().config.Current()->server.max_body_bytes;
  Result<std::string> decoded = DecodeContent(*coding, body, most);
  if (decoded && !call.exchange.HoldBody(decoded->size())) return NoRoomForBody();
  return decoded;
}

}  // namespace moerge::api
