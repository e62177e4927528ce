#include "services/api/request_body.h"

#include "adapters/content_decoder.h"
#include "config/base/text.h"
#include "services/http/body_room.h"

namespace moerge::api {
namespace {

Error UnknownCoding(std::string_view name) {
  return Error{.code = ErrorCode::kInvalid,
               .message = "the content-encoding `" + std::string(name) + "` is not known here; " +
                          std::string(KnownCodings()) + " are, or send the body as it is",
               .reason = "unsupported_content_encoding",
               .status = 415};
}

Error NoRoomForBody() {
  return Error{.code = ErrorCode::kOverloaded,
               .message = std::string(http::kNoBodyRoom),
               .retry_after = std::chrono::seconds(1)};
}

}  // namespace

bool SentBody::IsLarge() const {
  constexpr std::size_t kLarge = 256 << 10;
  return bytes.size() > kLarge || !coding.empty();
}

SentBody TakeSentBody(const ApiContext& context, ApiCall& call) {
  SentBody body{.bytes = call.exchange.TakeBody(),
                .coding = std::string(Trim(call.exchange.request().Find("content-encoding"))),
                .most = context.shared().config.Current()->server.max_body_bytes,
                .exchange = &call.exchange};
  if (EqualsIgnoreCase(body.coding, "identity")) body.coding.clear();
  return body;
}

Result<std::string> DecodeBody(SentBody body) {
  if (body.coding.empty()) return std::move(body.bytes);
  const auto coding = ParseCoding(body.coding);
  if (!coding) return UnknownCoding(body.coding);
  Result<std::string> decoded = DecodeContent(*coding, body.bytes, body.most);
  if (decoded && !body.exchange->HoldBody(decoded->size())) return NoRoomForBody();
  return decoded;
}

}  // namespace moerge::api
