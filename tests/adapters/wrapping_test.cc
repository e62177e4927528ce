// Good answers in odd wrappings: whatever OpenAI's own SDK reads without complaint arrives, and
// what goes out is in order. The next oddity is one row.
#include "adapters/json_mend.h"
#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

constexpr const char* kFirst =
    R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"half "},"finish_reason":null}]})";
constexpr const char* kSecond =
    R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"whole"},"finish_reason":"stop"}]})";
constexpr const char* kWhole =
    R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"half whole"},"finish_reason":"stop"}]})";

std::string Event(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

struct Oddity {
  const char* name;
  std::string before = "";               // the first chunk
  std::string between = "";              // the two chunks
  std::string end = "data: [DONE]\n\n";  // behind them
  std::string headers = "Content-Type: text/event-stream\r\n";
  bool noted = false;  // in the attempt
};

std::vector<Oddity> StreamOddities() {
  return {
      {"nothing odd"},
      {"comments", ": hello\n\n", ": ping\n\n"},
      {"an event without data", "", "event: ping\n\n"},
      {"a ping with JSON", "", "event: ping\ndata: {\"type\":\"ping\"}\n\n", "data: [DONE]\n\n", "",
       true},
      {"choices of null", "", Event(R"({"id":"c","choices":null})"), "data: [DONE]\n\n", "", true},
      {"no choices", Event(R"({"id":"c","object":"chat.completion.chunk"})"), "",
       "data: [DONE]\n\n", "", true},
      {"an empty array of choices",
       Event(
           R"({"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[],"prompt_filter_results":[]})")},
      {"empty data", "", "data:\n\n"},
      {"a comment as data", "", "data: : keepalive\n\n"},
      {"a ping with a time", "event: ping\ndata: 2025-01-31 12:34:56.789\n\n", ""},
      {"a heartbeat with a word", "", "event: heartbeat\ndata: alive\n\n"},
      {"keep-alives", "event: keep-alive\ndata:\n\n", "event: keepalive\ndata: 1\n\n"},
      {"nothing as JSON", Event("null") + Event("[]"), Event("\"\"")},
      {"[DONE] as JSON", "", "", "data: \"[DONE]\"\n\n"},
      {"[DONE] without a blank", "", "", "data:[DONE]\r\r"},
      {"a blank behind [DONE]", "", "", "data: [DONE] \n\n"},
      {"[DONE] without an end", "", "", "data: [DONE]"},
      {"no [DONE]", "", "", ""},
      {"something behind [DONE]", "", "", "data: [DONE]\n\ndata: junk\n\n"},
      {"a byte order mark", "\xEF\xBB\xBF"},
      {"blank lines in front", "\n\n \n\n"},
      {"text/plain", "", "", "data: [DONE]\n\n", "Content-Type: text/plain\r\n"},
      {"octet-stream", "", "", "data: [DONE]\n\n", "Content-Type: application/octet-stream\r\n"},
      {"labelled as JSON", "", "", "data: [DONE]\n\n", "Content-Type: application/json\r\n"},
      {"no content type", "", "", "data: [DONE]\n\n", ""},
      {"CRLF", "", ": x\r\n\r\n", "data: [DONE]\r\n\r\n"},
      {"a key twice", "",
       Event(
           R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"no","content":""},"finish_reason":null}]})"),
       "data: [DONE]\n\n", "", true},
      {"an infinite number", "",
       Event(
           R"({"id":"c","model":"m","choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"a","logprob":-Infinity}]},"finish_reason":null}]})"),
       "data: [DONE]\n\n", "", true},
      {"a delta of null", "",
       Event(R"({"model":"m","choices":[{"index":0,"delta":null,"finish_reason":null}]})"),
       "data: [DONE]\n\n", "", true},
      {"no delta", "", Event(R"({"model":"m","choices":[{"index":0,"finish_reason":null}]})"),
       "data: [DONE]\n\n", "", true},
      {"a line end of old", ": a\r\r", ": b\r\r"},
      {"ids and a delay", "id: 1\nretry: 5\n", "id: 2\nevent: message\n"},
      {"data over two lines", "",
       "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\n"
       "data: \"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":null}]}\n\n"},
      {"errors of null", "",
       Event(
           R"({"id":"c","object":"chat.completion.chunk","created":1,"error":null,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":null}],"usage":null})")},
      {"broken UTF-8", "",
       Event("{\"id\":\"c\",\"model\":\"\xff\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_"
             "reason\":null}]}"),
       "data: [DONE]\n\n", "", true},
      {"an event as large as a reply may be", "",
       Event(
           R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"x":")" +
           std::string(5 << 20, 'a') + R"("},"finish_reason":null}]})")},
  };
}

class Wrapping : public ProtocolFixture {};

TEST_F(Wrapping, StreamsArriveWhole) {
  for (const Oddity& odd : StreamOddities()) {
    SCOPED_TRACE(odd.name);
    for (const std::size_t cut : {7, 1 << 20}) {
      if (odd.between.size() > 1'000'000 && cut == 7) continue;  // for the time it takes
      ChunkKeeper keeper;
      const std::string events =
          odd.before + Event(kFirst) + odd.between + Event(kSecond) + odd.end;
      const auto summary = Stream(Protocol::kOpenAi, StreamOf(events, odd.headers, cut), &keeper);
      ASSERT_TRUE(summary.ok()) << summary.error().message;
      EXPECT_EQ(summary->finish_reason, "stop");
      const std::string all = keeper.Assembled();
      EXPECT_NE(all.find(R"("content":"half whole")"), std::string::npos) << all.substr(0, 500);
      EXPECT_EQ(notes_.mended.empty(), !odd.noted);
      for (const std::string& chunk : keeper.chunks) {
        const auto document = json::Document::Parse(chunk);
        ASSERT_TRUE(document.ok()) << chunk.substr(0, 300);
        EXPECT_TRUE(document->root().Find("choices").is_array()) << chunk.substr(0, 300);
        for (const json::Value choice : document->root().Find("choices").children()) {
          EXPECT_TRUE(choice.Find("delta").is_object()) << chunk.substr(0, 300);
        }
      }
    }
  }
}

// A token of a model may be half a character: the client puts the halves together.
TEST_F(Wrapping, HalvesOfACharacterArriveAsTheyCame) {
  const auto half = [](const char* text) {
    return R"({"model":"m","choices":[{"index":0,"delta":{"content":")" + std::string(text) +
           R"("},"finish_reason":null}]})";
  };
  const std::string events =
      Event(half("\\ud83d")) + Event(half("\\ude00")) + Event(kSecond) + "data: [DONE]\n\n";
  ChunkKeeper keeper;
  ASSERT_TRUE(Stream(Protocol::kOpenAi, StreamOf(events), &keeper).ok());
  ASSERT_EQ(keeper.chunks.size(), 3u);
  EXPECT_EQ(keeper.chunks[0], half("\\ud83d"));
  EXPECT_EQ(keeper.chunks[1], half("\\ude00"));
  // Put together here there is no character for a half.
  const auto whole = Chat(Protocol::kOpenAi, StreamOf(events));
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  EXPECT_TRUE(json::Document::Parse(whole->json).ok());
  EXPECT_TRUE(whole->content.ends_with("whole"));
}

struct Body {
  const char* name;
  std::string body;
  std::string has = R"("content":"half whole")";
  bool noted = true;
};

std::vector<Body> Bodies() {
  const std::string whole = kWhole;
  const auto with = [](std::string_view members) {
    return R"({"id":"c",)" + std::string(members) +
           R"(,"choices":[{"index":0,"message":{"role":"assistant","content":"half whole"},"finish_reason":"stop"}]})";
  };
  return {
      {"nothing odd", whole, R"("content":"half whole")", false},
      {"blank lines in front", "\n\n  \r\n" + whole, R"("content":"half whole")", false},
      {"blanks behind", whole + "\n\n ", R"("content":"half whole")", false},
      {"a byte order mark", "\xEF\xBB\xBF" + whole, R"("content":"half whole")", false},
      {"a key twice", with(R"("a":1,"a":2)"), R"("a":2)"},
      {"an object twice", with(R"("a":{"b":[1,2]},"c":3,"a":{})"), R"("c":3,"a":{})"},
      {"the same object thrice", with(R"("a":1,"a":{"x":1,"x":2},"a":3)"), R"("a":3)"},
      {"a lone surrogate", with(R"("a":"x\ud83dy")"), R"("a":"x\ufffdy")"},
      {"surrogates the wrong way round", with(R"("a":"\ude00\ud83d")"), R"("a":"\ufffd\ufffd")"},
      {"a pair that is in order, a key twice", with(R"("a":1,"a":"\ud83d\ude00")"),
       R"("\ud83d\ude00")"},
      {"infinite", with(R"("a":[NaN,Infinity,-Infinity])"), R"([null,null,-9999.0])"},
      {"words within text", with(R"("a":NaN,"b":"NaN and \"Infinity\"")"),
       R"("b":"NaN and \"Infinity\"")"},
      {"broken UTF-8", with("\"a\":\"\xc3(\""), "\xef\xbf\xbd("},
      {"no choices' index", R"({"choices":[{"message":{"content":"half whole"}}]})",
       R"("index":0)"},
  };
}

TEST_F(Wrapping, WholeRepliesArrive) {
  for (const Body& odd : Bodies()) {
    SCOPED_TRACE(odd.name);
    const auto reply = Chat(Protocol::kOpenAi, OkReply(odd.body, "text/plain"));
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_TRUE(json::Document::Parse(reply->json).ok()) << reply->json;
    EXPECT_NE(reply->json.find(odd.has), std::string::npos) << reply->json;
    EXPECT_EQ(reply->content, "half whole");
    EXPECT_EQ(notes_.mended.empty(), !odd.noted);
  }
}

TEST_F(Wrapping, TheOthersToo) {
  const std::string claude =
      R"({"id":"c","type":"message","id":"d","model":"m","content":[{"type":"text","text":"a\ud800"}],"stop_reason":"end_turn"})";
  const auto message = Chat(Protocol::kAnthropic, OkReply("\xEF\xBB\xBF\n" + claude));
  ASSERT_TRUE(message.ok()) << message.error().message;
  EXPECT_EQ(message->content, "a\xef\xbf\xbd");
  const std::string llama =
      R"({"model":"m","message":{"content":"Hi","x":NaN},"done":true,"done":true})";
  const auto answer = Chat(Protocol::kOllama, OkReply(llama));
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  ChunkKeeper keeper;
  const auto lines = Stream(Protocol::kOllama, StreamOf("\n\n" + llama), &keeper);
  ASSERT_TRUE(lines.ok()) << lines.error().message;
  EXPECT_EQ(lines->content_bytes, 2);
}

TEST(MendJson, LeavesAloneWhatItCannotMend) {
  for (const char* text : {"", "{}", R"({"a":1})", "[1,2]", "{\"a\"", "nonsense"}) {
    EXPECT_FALSE(MendJson(text).has_value()) << text;
  }
  EXPECT_FALSE(MendJson(std::string(100'000, '[')).has_value());
}

}  // namespace
}  // namespace moerge::test
