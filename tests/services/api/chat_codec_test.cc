#include "services/api/chat_codec.h"

#include <gtest/gtest.h>

namespace moerge::api {
namespace {

constexpr std::string_view kMessages = R"("messages":[{"role":"user","content":"hi"}])";

// A valid request with more fields.
std::string With(std::string_view fields) {
  return R"({"model":"auto",)" + std::string(kMessages) + "," + std::string(fields) + "}";
}
std::string WithMessages(std::string_view messages) {
  return R"({"model":"auto","messages":)" + std::string(messages) + "}";
}

// "param" of the error, or "ok".
std::string ParamOf(const std::string& body) {
  const auto request = ParseChatRequest(body);
  if (request) return "ok";
  EXPECT_EQ(request.error().code, ErrorCode::kInvalid) << body;
  EXPECT_FALSE(request.error().message.empty());
  return request.error().param;
}

ChatRequest Parsed(const std::string& body) {
  auto request = ParseChatRequest(body);
  EXPECT_TRUE(request.ok()) << body << ": " << (request ? "" : request.error().message);
  return request ? std::move(*request) : ChatRequest{};
}

TEST(ChatCodec, MistakesOutsideAnyFieldHaveNoParam) {
  for (const char* body : {"", "nonsense", "[]", "null", "\"text\"", "{\"model\":\"auto\"", "{} x",
                           "{\"a\":1,\"a\":2}", "{\"model\":\"\xff\"}"}) {
    EXPECT_EQ(ParamOf(body), "") << body;
  }
  EXPECT_EQ(ParamOf(std::string("{\"model\":\"auto\"}\0", 17)), "");
  EXPECT_EQ(ParamOf(std::string(200'000, '[')), "");
}

TEST(ChatCodec, ModelIsNeededAndAString) {
  const std::string messages(kMessages);
  EXPECT_EQ(ParamOf("{" + messages + "}"), "model");
  EXPECT_EQ(ParamOf(R"({"model":null,)" + messages + "}"), "model");
  EXPECT_EQ(ParamOf(R"({"model":7,)" + messages + "}"), "model");
  EXPECT_EQ(ParamOf(R"({"model":"",)" + messages + "}"), "model");
}

TEST(ChatCodec, ADryRunMayLeaveTheModelOut) {
  const auto request = ParseChatRequest("{" + std::string(kMessages) + "}", ModelField::kOptional);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->model, "auto");
}

TEST(ChatCodec, MessagesAreNeededAndNotEmpty) {
  EXPECT_EQ(ParamOf(R"({"model":"auto"})"), "messages");
  for (const char* messages : {"[]", "{}", "null", "\"hi\"", "7"}) {
    EXPECT_EQ(ParamOf(WithMessages(messages)), "messages") << messages;
  }
}

TEST(ChatCodec, AMistakeInAMessageNamesItsPlace) {
  struct Case {
    const char* messages;
    const char* param;
  };
  const Case cases[] = {
      {R"(["hi"])", "messages[0]"},
      {R"([{"content":"hi"}])", "messages[0].role"},
      {R"([{"role":"","content":"hi"}])", "messages[0].role"},
      {R"([{"role":1,"content":"hi"}])", "messages[0].role"},
      {R"([{"role":"user"}])", "messages[0].content"},
      {R"([{"role":"user","content":null}])", "messages[0].content"},
      {R"([{"role":"user","content":7}])", "messages[0].content"},
      {R"([{"role":"user","content":[]}])", "messages[0].content"},
      {R"([{"role":"assistant","content":7}])", "messages[0].content"},
      {R"([{"role":"user","content":["hi"]}])", "messages[0].content[0]"},
      {R"([{"role":"user","content":[{"text":"hi"}]}])", "messages[0].content[0].type"},
      {R"([{"role":"user","content":[{"type":"text"}]}])", "messages[0].content[0].text"},
      {R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url"}]}])",
       "messages[0].content[1].image_url"},
  };
  for (const Case& c : cases) EXPECT_EQ(ParamOf(WithMessages(c.messages)), c.param) << c.messages;
}

TEST(ChatCodec, AnAssistantMaySayNothingButCall) {
  for (const char* instead :
       {R"("tool_calls":[{}])", R"("function_call":{})", R"("refusal":"no")"}) {
    EXPECT_EQ(ParamOf(WithMessages(std::string(R"([{"role":"assistant","content":null,)") +
                                   instead + R"(},{"role":"tool","content":"4"}])")),
              "ok")
        << instead;
  }
}

// What any expert delivered is taken back in the next turn.
TEST(ChatCodec, TheHistoryOfOthersIsTaken) {
  for (const char* message :
       {R"({"role":"assistant"})", R"({"role":"assistant","content":null})",
        R"({"role":"assistant","content":[]})", R"({"role":"assistant","content":""})",
        R"({"role":"assistant","content":null,"reasoning_content":"hm"})",
        R"({"role":"assistant","content":null,"reasoning":"hm","thinking_blocks":[{}]})",
        R"({"role":"assistant","content":[{"type":"thinking","thinking":"hm"}]})",
        R"({"role":"assistant","content":null,"tool_calls":[{"type":"custom","custom":{}}]})",
        R"({"role":"tool","tool_call_id":"1"})",
        R"({"role":"tool","tool_call_id":"1","content":null})",
        R"({"role":"tool","tool_call_id":"1","content":[]})", R"({"role":"function","name":"f"})",
        R"({"role":"ipython","content":"x"})"}) {
    EXPECT_EQ(ParamOf(WithMessages(std::string(R"([{"role":"user","content":"hi"},)") + message +
                                   R"(,{"role":"user","content":"Go on."}])")),
              "ok")
        << message;
  }
}

// Ranges are the expert's business.
TEST(ChatCodec, ValuesThatOpenAiDoesNotTakeGoThrough) {
  for (const char* field :
       {R"("max_tokens":-1)", R"("max_tokens":0)", R"("top_logprobs":50)", R"("temperature":2.5)",
        R"("temperature":-1)", R"("top_p":1.5)", R"("presence_penalty":3)", R"("n":0)",
        R"("tool_choice":"any")", R"("max_tokens":99999999999)"}) {
    EXPECT_EQ(ParamOf(R"({"model":"e",)" + std::string(field) + "," + std::string(kMessages) + "}"),
              "ok")
        << field;
  }
  const ChatRequest request =
      Parsed(R"({"model":"e","max_tokens":-1,)" + std::string(kMessages) + "}");
  EXPECT_EQ(request.route.max_tokens, 0);
}

TEST(ChatCodec, FieldsOfTheWrongTypeAreNamed) {
  struct Case {
    const char* field;
    const char* param;
  };
  const Case cases[] = {
      {R"("stream":"yes")", "stream"},
      {R"("stream":1)", "stream"},
      {R"("stream_options":{})", "stream_options"},
      {R"("stream":true,"stream_options":[])", "stream_options"},
      {R"("stream":true,"stream_options":{"include_usage":1})", "stream_options.include_usage"},
      {R"("max_tokens":1.5)", "max_tokens"},
      {R"("max_tokens":"9")", "max_tokens"},
      {R"("max_completion_tokens":true)", "max_completion_tokens"},
      {R"("n":"2")", "n"},
      {R"("temperature":"hot")", "temperature"},
      {R"("top_p":"x")", "top_p"},
      {R"("presence_penalty":"3")", "presence_penalty"},
      {R"("frequency_penalty":[])", "frequency_penalty"},
      {R"("stop":7)", "stop"},
      {R"("stop":["a",7])", "stop[1]"},
      {R"("tools":{})", "tools"},
      {R"("tools":[7])", "tools[0]"},
      {R"("tool_choice":7)", "tool_choice"},
      {R"("response_format":"json")", "response_format"},
      {R"("response_format":{})", "response_format.type"},
      {R"("logprobs":1)", "logprobs"},
      {R"("top_logprobs":2.5)", "top_logprobs"},
      {R"("seed":1.5)", "seed"},
      {R"("user":7)", "user"},
      {R"("moerge":7)", "moerge"},
      {R"("moerge":{"explain":1})", "moerge.explain"},
      {R"("moerge":{"explian":true})", "moerge.explian"},
      {R"("moerge":{"skills":"algebra"})", "moerge.skills"},
      {R"("moerge":{"skills":["a",""]})", "moerge.skills[1]"},
      {R"("moerge":{"experts":[7]})", "moerge.experts[0]"},
      {R"("moerge":{"policy":""})", "moerge.policy"},
      {R"("moerge":{"max_cost_usd":0})", "moerge.max_cost_usd"},
      {R"("moerge":{"max_latency_ms":"soon"})", "moerge.max_latency_ms"},
  };
  for (const Case& c : cases) EXPECT_EQ(ParamOf(With(c.field)), c.param) << c.field;
}

TEST(ChatCodec, EverythingOpenAiTakesIsTaken) {
  const char* fields[] = {
      R"("stream":true,"stream_options":{"include_usage":true})",
      R"("max_tokens":null,"temperature":null,"tools":null,"stop":null,"stream":null,"moerge":null)",
      R"("temperature":2,"top_p":0,"n":128,"seed":-9,"stop":["a","b"],"max_completion_tokens":1)",
      R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"auto")",
      R"("tool_choice":{"type":"function","function":{"name":"f"}})",
      R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"of_the_server"}})",
      R"("tools":[{"type":"custom","custom":{"name":"f"}},{"type":"mcp"}],"tool_choice":{"type":"custom","custom":{"name":"f"}})",
      R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"mcp"}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}},{"type":"mcp"}]}})",
      R"("response_format":{"type":"json_schema","json_schema":{}})",
      R"("logprobs":true,"top_logprobs":20,"logit_bias":{"50256":-100},"user":"u")",
      R"("some_field_of_tomorrow":{"x":[1,2]},"guided_json":"y","reasoning_effort":"low")",
  };
  for (const char* field : fields) EXPECT_EQ(ParamOf(With(field)), "ok") << field;
}

TEST(ChatCodec, TheBodyIsKeptByteForByte) {
  const std::string body = With(R"("x":  {"y" :1e3}  )");
  EXPECT_EQ(Parsed(body).body->text(), body);
}

TEST(ChatCodec, ReadsTheLastUserTurnTheSystemTextAndEarlierTurnsNewestFirst) {
  const ChatRequest request = Parsed(WithMessages(R"([
      {"role":"system","content":"be brief"},
      {"role":"user","content":"one"},
      {"role":"assistant","content":"two"},
      {"role":"developer","content":"be kind"},
      {"role":"user","content":"thr\u00e9e"}])"));
  EXPECT_EQ(request.route.text.user,
            "thr\xc3\xa9"
            "e");
  EXPECT_EQ(request.route.text.system, "be brief\nbe kind");
  ASSERT_EQ(request.route.text.earlier.size(), 2u);
  EXPECT_EQ(request.route.text.earlier[0], "two");
  EXPECT_EQ(request.route.text.earlier[1], "one");
}

TEST(ChatCodec, JoinsTheTextPartsOfATurn) {
  const ChatRequest request = Parsed(WithMessages(R"([{"role":"user","content":[
      {"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:,"}},
      {"type":"text","text":"here"},{"type":"text","text":"now"}]}])"));
  EXPECT_EQ(request.route.text.user, "look\nhere\nnow");
  EXPECT_TRUE(request.route.needs_vision);
}

TEST(ChatCodec, ViewsOutliveAMoveOfTheRequest) {
  ChatRequest request = Parsed(WithMessages(
      R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"));
  const ChatRequest moved = std::move(request);
  EXPECT_EQ(moved.route.text.user, "a\nb");
}

TEST(ChatCodec, EstimatesThePromptsLength) {
  EXPECT_EQ(Parsed(WithMessages(R"([{"role":"user","content":"12345678"}])")).route.prompt_tokens,
            6);
  EXPECT_GT(Parsed(WithMessages(R"([{"role":"user","content":[{"type":"image_url",
      "image_url":{"url":"x"}}]}])"))
                .route.prompt_tokens,
            700);
}

TEST(ChatCodec, FunctionsAreNeededUnlessTheyMayNotBeCalled) {
  EXPECT_TRUE(Parsed(With(R"("tools":[{}])")).route.needs_functions);
  EXPECT_FALSE(Parsed(With(R"("tools":[])")).route.needs_functions);
  EXPECT_FALSE(Parsed(With(R"("tools":[{}],"tool_choice":"none")")).route.needs_functions);
}

TEST(ChatCodec, TakesTheMoergeObject) {
  const ChatRequest request =
      Parsed(With(R"("max_tokens":7,"moerge":{"explain":true,"policy":"fast","skills":["algebra"],)"
                  R"("experts":["a","b"],"max_cost_usd":0.5,"max_latency_ms":900})"));
  EXPECT_TRUE(request.explain);
  EXPECT_EQ(request.policy, "fast");
  EXPECT_EQ(request.route.skills, std::vector<std::string>{"algebra"});
  EXPECT_EQ(request.route.experts.size(), 2u);
  EXPECT_EQ(request.limits.cost_usd, 0.5);
  EXPECT_EQ(request.route.max_latency_ms, 900);
  EXPECT_EQ(request.route.max_tokens, 7);
}

TEST(ChatCodec, PlainQuestionsMayGoToTools) {
  EXPECT_EQ(Parsed(With(R"("temperature":1)")).not_for_tools, "");
  EXPECT_EQ(Parsed(With(R"("tools":[{}],"tool_choice":"auto")")).not_for_tools, "");
  EXPECT_EQ(Parsed(WithMessages(R"([{"role":"system","content":"You are a helpful assistant."},)"
                                R"({"role":"user","content":"y"}])"))
                .not_for_tools,
            "");
}

TEST(ChatCodec, RequestsThatToolsCannotServeAreKeptFromThem) {
  for (const char* field :
       {R"("n":2)", R"("logprobs":true)", R"("response_format":{"type":"json_schema"})",
        R"("response_format":{"type":"json_object"})", R"("tools":[{}],"tool_choice":"required")",
        R"("tool_choice":{"type":"function"})", R"("modalities":["text","audio"])"}) {
    EXPECT_NE(Parsed(With(field)).not_for_tools, "") << field;
  }
  for (const char* messages :
       {R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"},)"
        R"({"role":"user","content":"c"}])",
        R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"}])",
        R"([{"role":"system","content":"a"}])",
        R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}])",
        R"([{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}])"}) {
    EXPECT_NE(Parsed(WithMessages(messages)).not_for_tools, "") << messages;
  }
}

}  // namespace
}  // namespace moerge::api
