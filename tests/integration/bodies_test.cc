// Requests that are wrong: what the client is told, always in OpenAI's shape.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

class Bodies : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new TestServer(std::string("store: \"memory:\"\n") + kSmallSkills, "max_body: 1MiB");
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  static TestServer* server_;
};
TestServer* Bodies::server_ = nullptr;

void ExpectOpenAiError(const HttpReply& reply, int status) {
  EXPECT_EQ(reply.status, status) << reply.raw.substr(0, 500);
  EXPECT_EQ(reply.Header("content-type"), "application/json");
  for (const char* key : {"error.message", "error.type", "error.param", "error.code"}) {
    EXPECT_NE(reply.At(key), "(absent)") << key << " " << reply.body;
  }
}

std::string WithMessages(const std::string& messages) {
  return R"({"model":"auto","messages":)" + messages + "}";
}

TEST_F(Bodies, MalformedJsonIs400) {
  const std::string good = ChatJson("auto", "Hi");
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("null"), std::string("[]"),
        std::string("\"x\""), good + "x", good + std::string(1, '\0'), "\xEF\xBB\xBF" + good,
        good.substr(0, good.size() - 1),
        std::string(R"({"model":"auto","model":"auto","messages":[]})"),
        std::string("{\"model\":\"\xFF\",\"messages\":[]}"),
        std::string(R"({"model":"\ud800","messages":[]})"), std::string("{'model':'auto'}"),
        std::string(R"({"model":"auto","n":01,"messages":[]})"), std::string(200'000, '['),
        R"({"model":"auto","x":)" + std::string(100'000, '[')}) {
    SCOPED_TRACE(body.substr(0, 60));
    ExpectOpenAiError(server_->Post("/v1/chat/completions", body), 400);
  }
}

TEST_F(Bodies, TheFieldAtFaultIsNamed) {
  const std::vector<std::pair<std::string, std::string>> kCases = {
      {R"({"messages":[{"role":"user","content":"Hi"}]})", "model"},
      {R"({"model":5,"messages":[]})", "model"},
      {R"({"model":null,"messages":[{"role":"user","content":"Hi"}]})", "model"},
      {R"({"model":"auto"})", "messages"},
      {WithMessages("[]"), "messages"},
      {WithMessages("{}"), "messages"},
      {WithMessages(R"(["Hi"])"), "messages[0]"},
      {WithMessages(R"([{"content":"Hi"}])"), "messages[0].role"},
      {WithMessages(R"([{"role":"","content":"Hi"}])"), "messages[0].role"},
      {WithMessages(R"([{"role":"user","content":5}])"), "messages[0].content"},
      {ChatJson("auto", "Hi", R"("stream":"yes")"), "stream"},
      {ChatJson("auto", "Hi", R"("temperature":"hot")"), "temperature"},
      {ChatJson("auto", "Hi", R"("n":1.5)"), "n"},
      {ChatJson("auto", "Hi", R"("max_tokens":"all")"), "max_tokens"},
      {ChatJson("auto", "Hi", R"("stop":[1])"), "stop[0]"},
      {ChatJson("auto", "Hi", R"("tools":[5])"), "tools[0]"},
      {ChatJson("auto", "Hi", R"("tool_choice":5)"), "tool_choice"},
      {ChatJson("auto", "Hi", R"("response_format":{"type":7})"), "response_format.type"},
      {ChatJson("auto", "Hi", R"("stream_options":{"include_usage":true})"), "stream_options"},
      {ChatJson("auto", "Hi", R"("moerge":{"explian":true})"), "moerge.explian"},
      {ChatJson("auto", "Hi", R"("moerge":{"experts":"ada"})"), "moerge.experts"},
      {ChatJson("auto", "Hi", R"("moerge":[])"), "moerge"},
  };
  for (const auto& [body, param] : kCases) {
    SCOPED_TRACE(body);
    const HttpReply reply = server_->Post("/v1/chat/completions", body);
    ExpectOpenAiError(reply, 400);
    EXPECT_EQ(reply.At("error.param"), param) << reply.body;
  }
}

TEST_F(Bodies, TheSameRulesHoldForDryRuns) {
  const HttpReply reply = server_->Post("/v1/route", WithMessages("[]"));
  ExpectOpenAiError(reply, 400);
  EXPECT_EQ(reply.At("error.param"), "messages");
}

TEST_F(Bodies, NullMeansTheDefault) {
  const std::string nulls = R"("temperature":null,"stop":null,"tools":null,"moerge":null)";
  const HttpReply reply = server_->Post("/v1/route", ChatJson("auto", "Hi", nulls));
  EXPECT_EQ(reply.status, 200) << reply.raw;
}

TEST_F(Bodies, TooLargeIs413) {
  ExpectOpenAiError(server_->Chat("auto", std::string(2 << 20, 'x')), 413);
}

TEST_F(Bodies, OtherMethodsAre405AndSayWhichAreAllowed) {
  const HttpReply reply = server_->Get("/v1/chat/completions");
  ExpectOpenAiError(reply, 405);
  EXPECT_EQ(reply.Header("allow"), "POST");
  ExpectOpenAiError(server_->Post("/v1/models", "{}"), 405);
}

TEST_F(Bodies, OtherPathsAre404) {
  for (const char* path : {"/v1", "/v2/models", "/v1/chat/completion", "/api/v1/nothing",
                           "/v1/v1/models", "/%2e%2e/etc/passwd"}) {
    SCOPED_TRACE(path);
    ExpectOpenAiError(server_->Get(path), 404);
  }
}

TEST_F(Bodies, AnIdThatCouldForgeLogLinesIsReplaced) {
  const Headers odd = {{"x-request-id", "a b\"<script>"}};
  const HttpReply reply = server_->Get("/v1/models", odd);
  EXPECT_EQ(reply.Header("x-request-id").find('<'), std::string::npos);
  EXPECT_FALSE(reply.Header("x-request-id").empty());
}

TEST_F(Bodies, APromptOfAMegabyteInAnyScriptIsRouted) {
  std::string prompt;
  while (prompt.size() < 900'000)
    prompt += "\u6c49\u5b57 \u041f\u0440\u0438\u0432\u0435\u0442 \U0001F600 x=1; ";
  const HttpReply reply = server_->Post("/v1/route", ChatJson("auto", prompt));
  ASSERT_EQ(reply.status, 200) << reply.raw.substr(0, 500);
  EXPECT_LT(std::stol(reply.At("demand.bytes_read")), std::stol(reply.At("demand.bytes_total")));
}

TEST_F(Bodies, AnEmptyPromptIsRouted) {
  EXPECT_EQ(server_->Post("/v1/route", ChatJson("auto", "")).status, 200);
}

}  // namespace
}  // namespace moerge::test
