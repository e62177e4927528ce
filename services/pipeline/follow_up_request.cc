#include "services/pipeline/follow_up_request.h"

#include <utility>

#include "services/answers/follow_up.h"

namespace moerge {

ChatRequest FollowUpRequest(const ChatRequest& of, ChatBodyPtr body) {
  ChatRequest request;
  request.route.prompt_tokens = PromptTokens(*body);
  request.route.max_tokens = of.route.max_tokens;
  request.body = std::move(body);
  request.model = of.model;
  request.stream = of.stream;
  request.include_usage = of.include_usage;
  request.limits = of.limits;
  request.not_for_tools = "it is asked about other experts' answers";
  request.origin = of.origin;
  return request;
}

ChatRequest VariantRequest(const ChatRequest& of, ChatBodyPtr body) {
  ChatRequest request = FollowUpRequest(of, std::move(body));
  request.route.prompt_tokens = of.route.prompt_tokens;
  return request;
}

}  // namespace moerge
