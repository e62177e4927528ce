#include "services/pipeline/follow_up_request.h"

#include <gtest/gtest.h>

#include "services/answers/follow_up.h"

namespace moerge {
namespace {

// A client's request with everything set that its follow-ups must keep or must not.
ChatRequest FullRequest() {
  ChatRequest request;
  request.body = *ChatBody::Parse(R"({"messages":[{"role":"user","content":"Why?"}]})");
  request.model = "auto";
  request.policy = "careful";
  request.route.prompt_tokens = 1000;
  request.route.max_tokens = 50;
  request.route.experts = {"one"};
  request.stream = request.include_usage = request.explain = request.progress = true;
  request.limits = {.calls = 7, .tokens = 8, .cost_usd = 9, .time = std::chrono::milliseconds(10)};
  request.verifier.emplace(Verifier{TestsVerifier{}});
  return request;
}

TEST(FollowUpRequest, IsForTheSameClientWithinTheSameLimits) {
  const ChatRequest of = FullRequest();
  const ChatBodyPtr body = BodyOf({"Judge.", "Which is better?", 5});
  const ChatRequest request = FollowUpRequest(of, body);
  EXPECT_EQ(request.body, body);
  EXPECT_EQ(request.route.prompt_tokens, PromptTokens(*body));
  EXPECT_EQ(request.route.max_tokens, 50);
  EXPECT_EQ(request.model, "auto");
  EXPECT_TRUE(request.stream);
  EXPECT_TRUE(request.include_usage);
  EXPECT_EQ(request.limits.calls, 7);
  EXPECT_EQ(request.limits.time, std::chrono::milliseconds(10));
  EXPECT_EQ(request.origin, of.origin);
}

TEST(FollowUpRequest, IsNoQuestionForToolsNorOneToBeChecked) {
  const ChatRequest request = FollowUpRequest(FullRequest(), BodyOf({"Judge.", "Which?", 5}));
  EXPECT_NE(request.not_for_tools, "");
  EXPECT_FALSE(request.verifier.has_value());
  EXPECT_FALSE(request.progress);
  EXPECT_TRUE(request.route.experts.empty());
}

TEST(FollowUpRequest, AVariantsPromptIsAsLongAsTheClients) {
  const ChatRequest of = FullRequest();
  const ChatBodyPtr body = WithTemperature(*of.body, 0.5);
  const ChatRequest request = VariantRequest(of, body);
  EXPECT_EQ(request.body, body);
  EXPECT_EQ(request.route.prompt_tokens, 1000);
  EXPECT_EQ(request.route.max_tokens, 50);
}

}  // namespace
}  // namespace moerge
