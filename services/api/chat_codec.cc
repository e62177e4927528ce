#include "services/api/chat_codec.h"

#include <utility>

#include "adapters/token_estimate.h"
#include "services/api/chat_fields.h"
#include "services/api/chat_messages.h"
#include "services/api/moerge_options.h"

namespace moerge::api {
namespace {

Status CheckModel(const ChatRequest& request) {
  if (!request.model.empty()) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message = "you must provide a model parameter; `auto` lets moerge choose",
               .param = "model"};
}

}  // namespace

Result<ChatRequest> ParseChatRequest(std::string body, ModelField model) {
  ChatRequest request;
  auto parsed = ChatBody::Parse(std::move(body));
  if (!parsed) return std::move(parsed).error();
  request.body = std::move(*parsed);
  if (Status read = ReadChatFields(request.body->root(), &request); !read) return read.error();
  if (request.model.empty() && model == ModelField::kOptional) request.model = "auto";
  if (Status has = CheckModel(request); !has) return has.error();
  if (Status read = ReadMessages(request.body->Field("messages"), &request); !read) {
    return read.error();
  }
  request.route.prompt_tokens = EstimatePromptTokens(request.body->root());
  const json::Value options = request.body->Field("moerge");
  if (Status read = ReadMoergeOptions(options, &request); !read) return read.error();
  return request;
}

}  // namespace moerge::api
