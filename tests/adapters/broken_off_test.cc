// A server that fails in the middle of a stream says so in a shape of its own, and ends it in peace
// nevertheless: half an answer never looks whole, asked for as a stream or not, and why it is half
// is told. The next shape is one row.
#include <cstdlib>

#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

constexpr const char* kHalf =
    R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"half "},"finish_reason":null}]})";
constexpr const char* kHalfText =
    R"({"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"half ","finish_reason":null}]})";
constexpr const char* kRest =
    R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"whole"},"finish_reason":"stop"}]})";
constexpr const char* kDone = "data: [DONE]\n\n";

std::string Data(std::string_view json) { return "data: " + std::string(json) + "\n\n"; }
std::string Named(std::string_view name, std::string_view data) {
  return "event: " + std::string(name) + "\ndata: " + std::string(data) + "\n\n";
}

struct BreakRow {
  const char* name;
  std::string text;  // in the middle of the stream
  std::string says = "boom";
  ErrorCode code = ErrorCode::kUpstream;
  const char* reason = "";
  const char* type = "";
};

// Failures at once, whatever comes behind them.
std::vector<BreakRow> FailingEvents() {
  return {
      {"a code and a message", Data(R"({"code":"Broken","message":"boom","request_id":"x"})"),
       "boom", ErrorCode::kUpstream, "Broken"},
      {"a code that limits", Data(R"({"code":"Throttling","message":"boom"})"), "boom",
       ErrorCode::kRateLimited, "Throttling"},
      {"a number and msg", Data(R"({"code":1302,"msg":"boom"})")},
      {"error_code and error_msg", Data(R"({"error_code":336,"error_msg":"boom"})")},
      {"base_resp",
       Data(R"({"choices":null,"base_resp":{"status_code":1008,"status_msg":"boom"}})")},
      {"base_resp beside no choice",
       Data(R"({"choices":[],"base_resp":{"status_code":1008,"status_msg":"boom"}})")},
      {"no success", Data(R"({"success":false,"message":"boom"})")},
      {"no success and no word", Data(R"({"success":false,"boom":1})")},
      {"errors", Data(R"({"errors":[{"message":"boom"}]})")},
      {"a status", Data(R"({"status":"failed","reason":"boom"})")},
      {"AWS's type", Data(R"({"__type":"ThrottlingException","message":"boom"})"), "boom",
       ErrorCode::kRateLimited},
      {"AWS's member", Data(R"({"internalServerException":{"message":"boom"}})")},
      {"a capital letter", Data(R"({"Error":{"message":"boom"}})")},
      {"error_message", Data(R"({"error_message":"boom"})")},
      {"a type that names an error", Data(R"({"type":"server_error","what":"boom"})"), "boom",
       ErrorCode::kUpstream, "", "server_error"},
      {"an array", Data(R"([{"error":{"code":503,"message":"boom"}}])")},
      {"an array of a limit",
       Data(R"([{"error":{"code":429,"message":"boom","status":"RESOURCE_EXHAUSTED"}}])"), "boom",
       ErrorCode::kRateLimited},
      {"beside an empty array of choices", Data(R"({"id":"c","choices":[],"detail":"boom"})")},
      {"beside a count",
       Data(R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":0},"detail":"boom"})")},
      {"a choice's error",
       Data(
           R"({"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"message":"boom","code":429}}]})"),
       "boom", ErrorCode::kRateLimited},
      {"a word for it alone, and a text that sounds like another fault",
       Data(
           R"({"choices":[{"index":0,"delta":{"content":"boom, prompt is too long"},"finish_reason":"error"}]})")},
      {"text as data", Data("boom")},
      {"an event named exception", Named("exception", R"({"m":"boom"})")},
      {"an event named Error", Named("Error", R"({"m":"boom"})")},
      {"an event named error of text", Named("error", "boom")},
      {"an event named error of nothing", "event: error\ndata:\n\n", "error"},
      {"a named code", Data(R"({"error":{"message":"boom","code":"content_filter"}})"), "boom",
       ErrorCode::kInvalid, "content_filter"},
      {"an empty account",
       Data(
           R"({"error":{"message":"boom","code":"insufficient_quota","type":"insufficient_quota"}})"),
       "boom", ErrorCode::kRateLimited, "insufficient_quota", "insufficient_quota"},
      {"a code that is not known",
       Data(R"({"error":{"message":"boom","type":"server_error","code":"model_overloaded"}})"),
       "boom", ErrorCode::kUpstream, "model_overloaded", "server_error"},
  };
}

// What is passed over in the middle of an answer, but is why there is no more of it at the end.
std::vector<BreakRow> OddParts() {
  return {
      {"an event of no known kind", Data(R"({"notice":"boom"})")},
      {"detail", Data(R"({"detail":"boom"})")},
      {"a list of details", Data(R"({"detail":[{"loc":["body"],"msg":"boom"}]})")},
      {"a message alone", Data(R"({"message":"boom"})")},
      {"a line of JSON", R"({"error":{"message":"boom"}})"
                         "\n\n"},
      {"a line of JSON that limits",
       R"({"error":{"message":"boom","code":429}})"
       "\n\n",
       "boom", ErrorCode::kRateLimited},
      {"lines of JSON", "{\n \"error\": {\n  \"message\": \"boom\"\n }\n}\n\n",
       "behind what is no event: boom"},
      {"a web page", "<html><h1>boom</h1></html>\n\n"},
      {"plain text", "Internal Server Error: boom\n"},
      {"a long line", std::string(9000, 'x') + "\n", "a long line"},
      {"an event named error without data", "event: error\n\n", "error"},
  };
}

class BrokenOff : public ProtocolFixture {
 protected:
  void Expect(const BreakRow& row, const Error& error) {
    EXPECT_EQ(error.code, row.code) << error.message;
    EXPECT_NE(error.message.find(row.says), std::string::npos) << error.message;
    EXPECT_EQ(error.reason, row.reason);
    EXPECT_EQ(error.type, row.type);
    EXPECT_LT(error.message.size(), 500u);
  }

  void ExpectFailure(const BreakRow& row, Protocol protocol, const std::string& events,
                     std::size_t written) {
    SCOPED_TRACE(row.name);
    ChunkKeeper keeper;
    const auto summary = Stream(protocol, StreamOf(events), &keeper);
    ASSERT_FALSE(summary.ok()) << keeper.Assembled();
    Expect(row, summary.error());
    EXPECT_EQ(keeper.chunks.size(), written);
    const auto whole = Chat(protocol, StreamOf(events));
    ASSERT_FALSE(whole.ok()) << whole->json;
    Expect(row, whole.error());
  }
};

TEST_F(BrokenOff, ByAnEventThatIsAFailure) {
  for (const BreakRow& row : FailingEvents()) {
    for (const std::string& half : {Data(kHalf), Data(kHalfText), std::string()}) {
      const std::size_t written = half.empty() ? 0 : 1;
      ExpectFailure(row, Protocol::kOpenAi, half + row.text + kDone, written);
      ExpectFailure(row, Protocol::kOpenAi, half + row.text, written);
    }
    ExpectFailure(row, Protocol::kOpenAi, Data(kHalf) + row.text + Data(kRest) + kDone, 1);
  }
}

TEST_F(BrokenOff, ByWhatIsNoPartOfTheStream) {
  for (const BreakRow& row : OddParts()) {
    ExpectFailure(row, Protocol::kOpenAi, Data(kHalf) + row.text + kDone, 1);
    ExpectFailure(row, Protocol::kOpenAi, Data(kHalfText) + row.text + kDone, 1);
    ExpectFailure(row, Protocol::kOpenAi, Data(kHalf) + row.text, 1);
    SCOPED_TRACE(row.name);
    ChunkKeeper keeper;
    const std::string whole = Data(kHalf) + row.text + Data(kRest) + kDone;
    EXPECT_TRUE(Stream(Protocol::kOpenAi, StreamOf(whole), &keeper).ok());
  }
}

TEST_F(BrokenOff, WithoutTheKeyInWhatIsTold) {
  const std::string key = "sk-of-the-broken-off-0123456789";
  setenv("MOERGE_TEST_BROKEN_KEY", key.c_str(), 1);
  backend_.api_key_env = "MOERGE_TEST_BROKEN_KEY";
  for (const std::string& part :
       {Data(R"({"notice":"boom )" + key + "\"}"), Data(R"({"detail":"boom )" + key + "\"}"),
        "<p>boom " + key + "</p>\n\n", std::string(280, 'x') + " " + key + "\n\n"}) {
    ChunkKeeper keeper;
    const auto summary = Stream(Protocol::kOpenAi, StreamOf(Data(kHalf) + part + kDone), &keeper);
    ASSERT_FALSE(summary.ok()) << part;
    EXPECT_EQ(summary.error().message.find("sk-of"), std::string::npos) << summary.error().message;
  }
}

TEST_F(BrokenOff, NotByWhatMoreOfTheAnswerFollows) {
  for (const BreakRow& row : OddParts()) {
    SCOPED_TRACE(row.name);
    ChunkKeeper keeper;
    const std::string events = Data(kHalf) + row.text + Data(kHalf) + kDone;
    const auto summary = Stream(Protocol::kOpenAi, StreamOf(events), &keeper);
    EXPECT_TRUE(summary.ok()) << summary.error().message;
    EXPECT_EQ(keeper.chunks.size(), 2u);
    EXPECT_TRUE(Chat(Protocol::kOpenAi, StreamOf(events)).ok());
  }
}

// Servers that never say how an answer ended have no need to, whatever else they send.
TEST_F(BrokenOff, NotByHeartbeats) {
  const std::string parts[] = {
      "",
      ": ping\n\n",
      "id: 7\nretry: 5\n\n",
      " \n\n",
      Data(R"({"type":"ping"})"),
      Data(R"({"type":"ping","message":"alive"})"),
      Data(R"({"event":"heartbeat","n":1})"),
      Named("ping", R"({"time":1})"),
      Data("{}"),
      Data(R"({"id":"c","object":"chat.completion.chunk","created":1,"choices":null})"),
      Data(R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}})"),
      Data(R"({"choices":[],"prompt_filter_results":[]})"),
      Data(R"({"choices":[],"base_resp":{"status_code":0,"status_msg":""}})"),
      Data(R"({"choices":[],"success":true,"message":"ok","error_code":0,"error":null})"),
  };
  for (const std::string& part : parts) {
    SCOPED_TRACE(part);
    ChunkKeeper keeper;
    const std::string events = Data(kHalf) + part + kDone;
    const auto summary = Stream(Protocol::kOpenAi, StreamOf(events), &keeper);
    EXPECT_TRUE(summary.ok()) << summary.error().message;
    EXPECT_TRUE(Chat(Protocol::kOpenAi, StreamOf(events)).ok());
  }
}

// What says that all is well is no failure, and left out.
TEST_F(BrokenOff, NotByProgress) {
  for (const char* event :
       {R"({"code":0,"msg":"success"})", R"({"status":"processing","message":"Loading"})",
        R"({"success":true,"message":"fine"})", R"({"event":{"type":"status"}})"}) {
    ChunkKeeper keeper;
    const auto summary = Stream(Protocol::kOpenAi,
                                StreamOf(Data(event) + Data(kHalf) + Data(kRest) + kDone), &keeper);
    EXPECT_TRUE(summary.ok()) << event << summary.error().message;
    EXPECT_EQ(keeper.chunks.size(), 2u);
  }
}

TEST_F(BrokenOff, WhereOneOfSeveralAnswersHasNotEnded) {
  const auto choice = [](int index, const char* finish) {
    return Data(
        R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":)" +
        std::to_string(index) + R"(,"delta":{"content":"x"},"finish_reason":)" + finish + "}]}");
  };
  const std::string stop = "\"stop\"";
  struct Row {
    std::string events;
    bool whole;
  };
  const Row rows[] = {
      {choice(1, "null") + choice(0, "null") + choice(1, "\"stop\""), false},
      {choice(0, "null") + choice(0, "\"stop\"") + choice(1, "null"), false},
      {choice(127, "null") + choice(0, "\"stop\""), false},
      {choice(0, "\"stop\"") + choice(1, "\"length\""), true},
      {choice(0, "null") + choice(1, "null") + choice(1, "\"stop\"") + choice(0, "\"stop\""), true},
      {choice(0, "null") + choice(1, "\"stop\"") + kDone, true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.events);
    ChunkKeeper keeper;
    const auto streamed = Stream(Protocol::kOpenAi, StreamOf(row.events), &keeper, R"(,"n":128)");
    EXPECT_EQ(streamed.ok(), row.whole);
    EXPECT_EQ(Chat(Protocol::kOpenAi, StreamOf(row.events), R"(,"n":128)").ok(), row.whole);
  }
}

constexpr const char* kClaudeStart =
    R"({"type":"message_start","message":{"id":"c","model":"m","usage":{"input_tokens":3,"output_tokens":1}}})";
constexpr const char* kClaudeBlock =
    R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"half "}})";
constexpr const char* kClaudeEnd =
    R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}})";
constexpr const char* kClaudeStop = R"({"type":"message_stop"})";

TEST_F(BrokenOff, OfAnthropics) {
  const BreakRow failing[] = {
      {"an error without a type", Data(R"({"error":{"message":"boom"}})")},
      {"an error of text", Data(R"({"error":"boom"})")},
      {"one that limits", Data(R"({"error":{"type":"rate_limit_error","message":"boom"}})"), "boom",
       ErrorCode::kRateLimited, "", "rate_limit_error"},
      {"one that is overloaded", Data(R"({"error":{"type":"overloaded_error","message":"boom"}})"),
       "boom", ErrorCode::kUpstream, "", "overloaded_error"},
      {"a named one", Named("error", R"({"error":{"message":"boom"}})")},
      {"a named one of text", Named("error", "boom")},
      {"a named one of nothing", "event: error\ndata:\n\n", "error"},
      {"an array", Data(R"([{"error":{"message":"boom"}}])")},
      {"a code", Data(R"({"code":"Broken","message":"boom"})"), "boom", ErrorCode::kUpstream,
       "Broken"},
      {"AWS's member", Data(R"({"internalServerException":{"message":"boom"}})")},
      {"a type that names an error", Data(R"({"type":"BadThingException","message":"boom"})"),
       "boom", ErrorCode::kUpstream, "", "BadThingException"},
      {"an error beside a known type",
       Data(R"({"type":"message_stop","error":{"message":"boom"}})")},
  };
  const std::string half = Data(kClaudeStart) + Data(kClaudeBlock);
  for (const BreakRow& row : failing) {
    for (const std::string& end :
         {std::string(), Data(kClaudeStop), Data(kClaudeEnd) + Data(kClaudeStop)}) {
      ExpectFailure(row, Protocol::kAnthropic, half + row.text + end, 2);
      ExpectFailure(row, Protocol::kAnthropic, Data(kClaudeStart) + row.text + end, 0);
    }
    ExpectFailure(row, Protocol::kAnthropic, row.text + Data(kClaudeStop), 0);
  }
  const BreakRow odd[] = {
      {"a web page", "<html>boom</html>\n\n"},
      {"a line of JSON", R"({"error":{"message":"boom"}})"
                         "\n\n"},
      {"an event of no kind", Data(R"({"notice":"boom"})")},
      {"detail", Data(R"({"detail":"boom"})")},
      {"a message", Data(R"({"message":"boom"})")},
      {"an event of another kind", Data(R"({"type":"novel","notice":"boom"})")},
  };
  for (const BreakRow& row : odd) {
    ExpectFailure(row, Protocol::kAnthropic, half + row.text + Data(kClaudeStop), 2);
    ExpectFailure(row, Protocol::kAnthropic, half + row.text, 2);
    ChunkKeeper keeper;
    EXPECT_TRUE(Stream(Protocol::kAnthropic,
                       StreamOf(half + row.text + Data(kClaudeEnd) + Data(kClaudeStop)), &keeper)
                    .ok())
        << row.name;
  }
}

TEST_F(BrokenOff, OfOllamas) {
  const std::string half = R"({"model":"m","message":{"content":"half "},"done":false})"
                           "\n";
  const std::string end = R"({"model":"m","message":{"content":""},"done":true,"eval_count":2})"
                          "\n";
  const BreakRow rows[] = {
      {"an error of text", R"({"error":"boom"})"},
      {"an error that is an object", R"({"error":{"message":"boom","type":"t"}})", "boom",
       ErrorCode::kUpstream, "", "t"},
      {"one that limits", R"({"error":{"message":"boom","code":429}})", "boom",
       ErrorCode::kRateLimited},
      {"with a status", R"({"StatusCode":500,"Status":"500","error":"boom"})"},
      {"detail", R"({"detail":"boom"})"},
      {"a message", R"({"message":"boom"})"},
      {"an end that failed", R"({"done":true,"detail":"boom"})"},
      {"an array", R"([{"error":{"message":"boom"}}])"},
      {"a web page", "<html>boom</html>"},
  };
  for (const BreakRow& row : rows) {
    ExpectFailure(row, Protocol::kOllama, half + row.text + "\n" + end, 2);
    ExpectFailure(row, Protocol::kOllama, half + row.text + "\n", 2);
  }
}

}  // namespace
}  // namespace moerge::test
