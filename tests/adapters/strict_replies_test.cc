// Liberal in what an expert of OpenAI's protocol sends, strict in what is given: whatever it leaves
// out, names otherwise or says twice, the client gets what OpenAI's schema requires, whole and
// streamed. The next oddity is one row.
#include <map>
#include <set>

#include "adapters/openai_fields.h"
#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

constexpr const char* kFrame =
    R"("id":"c","object":"chat.completion.chunk","created":1,"model":"m")";
constexpr const char* kEnd =
    R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
constexpr const char* kText = R"({"index":0,"delta":{"content":"Hi"},"finish_reason":null})";

std::string ChunkWith(std::string_view frame, std::string_view choices) {
  return "{" + std::string(frame) + R"(,"choices":[)" + std::string(choices) + "]}";
}
std::string CallChunk(std::string_view call) {
  return ChunkWith(kFrame, R"({"index":0,"delta":{"tool_calls":[)" + std::string(call) +
                               R"(]},"finish_reason":null})");
}

struct Streamed {
  const char* name;
  std::vector<std::string> events;  // a chunk that ends follows
  std::string content = "Hi";
  std::string calls = "";  // "name(arguments)" each
};

std::vector<Streamed> FramesLeftOut() {
  const auto framed = [](std::string_view frame) {
    return std::vector<std::string>{ChunkWith(frame, kText)};
  };
  const auto choice = [](std::string_view json) {
    return std::vector<std::string>{ChunkWith(kFrame, json)};
  };
  return {
      {"nothing", framed(kFrame)},
      {"no id", framed(R"("object":"chat.completion.chunk","created":1,"model":"m")")},
      {"an id of null",
       framed(R"("id":null,"object":"chat.completion.chunk","created":1,"model":"m")")},
      {"an id that is a number",
       framed(R"("id":7,"object":"chat.completion.chunk","created":1,"model":"m")")},
      {"another id in each",
       {ChunkWith(R"("id":"c","object":"chat.completion.chunk","created":1,"model":"m")",
                  R"({"index":0,"delta":{"content":"H"},"finish_reason":null})"),
        ChunkWith(R"("id":"d","object":"chat.completion.chunk","created":1,"model":"m")",
                  R"({"index":0,"delta":{"content":"i"},"finish_reason":null})")}},
      {"no date", framed(R"("id":"c","object":"chat.completion.chunk","model":"m")")},
      {"a date with a fraction",
       framed(R"("id":"c","object":"chat.completion.chunk","created":1.5,"model":"m")")},
      {"a date in words",
       framed(R"("id":"c","object":"chat.completion.chunk","created":"2025-01-01","model":"m")")},
      {"no object", framed(R"("id":"c","created":1,"model":"m")")},
      {"the object of a whole reply",
       framed(R"("id":"c","object":"chat.completion","created":1,"model":"m")")},
      {"the object of a text completion",
       framed(R"("id":"c","object":"text_completion","created":1,"model":"m")")},
      {"no model", framed(R"("id":"c","object":"chat.completion.chunk","created":1)")},
      {"an error of no words", framed(std::string(kFrame) + R"(,"error":"")")},
      {"an error of nothing", framed(std::string(kFrame) + R"(,"error":{"code":0,"message":""})")},
      {"an error that is false", framed(std::string(kFrame) + R"(,"error":false)")},
      {"no index", choice(R"({"delta":{"content":"Hi"},"finish_reason":null})")},
      {"an index of null",
       choice(R"({"index":null,"delta":{"content":"Hi"},"finish_reason":null})")},
      {"an index in words",
       choice(R"({"index":"0","delta":{"content":"Hi"},"finish_reason":null})")},
      {"an index that counts the chunks",
       {ChunkWith(kFrame, R"({"index":0,"delta":{"content":"H"},"finish_reason":null})"),
        ChunkWith(kFrame, R"({"index":1,"delta":{"content":"i"},"finish_reason":null})")}},
      {"no reason of the end", choice(R"({"index":0,"delta":{"content":"Hi"}})")},
      {"a reason that is a word for none",
       choice(R"({"index":0,"delta":{"content":"Hi"},"finish_reason":"null"})")},
      {"a reason that is false",
       choice(R"({"index":0,"delta":{"content":"Hi"},"finish_reason":false})")},
      {"a role of another make",
       choice(R"({"index":0,"delta":{"role":"model","content":"Hi"},"finish_reason":null})")},
      {"content in strings",
       choice(R"({"index":0,"delta":{"content":["H","i"]},"finish_reason":null})")},
      {"content that is a part",
       choice(
           R"({"index":0,"delta":{"content":{"type":"text","text":"Hi"}},"finish_reason":null})")},
      {"a message beside the delta",
       choice(
           R"({"index":0,"delta":{"content":"Hi"},"message":{"role":"assistant","content":"Hi"},"finish_reason":null})")},
  };
}

std::vector<Streamed> CallsInOtherShapes() {
  const auto row = [](const char* name, std::vector<std::string> calls, std::string want) {
    for (std::string& call : calls) call = CallChunk(call);
    return Streamed{name, std::move(calls), "", std::move(want)};
  };
  const std::string begin =
      R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})";
  return {
      row("the name in every piece",
          {begin,
           R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"}"}})"},
          "f({})"),
      row("the name again without an id",
          {begin, R"({"index":0,"id":null,"function":{"name":"f","arguments":"}"}})"}, "f({})"),
      row("empty words in the rest",
          {begin,
           R"({"index":0,"id":"","type":"function","function":{"name":"","arguments":"}"}})"},
          "f({})"),
      row("the name in pieces",
          {R"({"index":0,"id":"a","type":"function","function":{"name":"edit_","arguments":""}})",
           R"({"index":0,"function":{"name":"file","arguments":"{}"}})"},
          "edit_file({})"),
      row("the name behind the id",
          {R"({"index":0,"id":"a","type":"function","function":{"name":"","arguments":""}})",
           R"({"index":0,"id":"a","function":{"name":"f","arguments":"{}"}})"},
          "f({})"),
      row("the name behind arguments",
          {R"({"index":0,"id":"a","type":"function","function":{"arguments":"{\"x\""}})",
           R"({"index":0,"function":{"name":"f","arguments":":1}"}})"},
          "f({\"x\":1})"),
      row("the id behind the name",
          {R"({"index":0,"type":"function","function":{"name":"f","arguments":""}})",
           R"({"index":0,"id":"a","function":{"arguments":"{}"}})"},
          "f({})"),
      row("no id at all, two functions",
          {R"({"index":0,"function":{"name":"f","arguments":"{}"}})",
           R"({"index":0,"function":{"name":"g","arguments":"{}"}})"},
          "f({}) g({})"),
      row("an id that is a number",
          {R"({"index":0,"id":5,"type":"function","function":{"name":"f","arguments":"{}"}})"},
          "f({})"),
      row("one id for two",
          {R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})",
           R"({"index":1,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})"},
          "f({}) f({})"),
      row("a type in capitals",
          {R"({"index":0,"id":"a","type":"Function","function":{"name":"f","arguments":"{}"}})"},
          "f({})"),
      row("arguments that are an object",
          {R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":{"x":1}}})"},
          "f({\"x\":1})"),
      row("name and arguments beside the id",
          {R"({"index":0,"id":"a","type":"function","name":"f","arguments":"{}"})"}, "f({})"),
      row("an index in words",
          {R"({"index":"0","id":"a","type":"function","function":{"name":"f","arguments":"{}"}})"},
          "f({})"),
      row("pieces of two in turns",
          {begin,
           R"({"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{"}})",
           R"({"index":0,"function":{"arguments":"}"}})",
           R"({"index":1,"function":{"arguments":"}"}})"},
          "f({}) g({})"),
      row("a tool that takes text",
          {R"({"index":0,"id":"a","type":"custom","custom":{"name":"f","input":"x"}})",
           R"({"index":0,"custom":{"input":"y"}})"},
          "f(xy)"),
      row("a tool that takes no text",
          {R"({"index":0,"id":"a","type":"custom","custom":{"name":"f","input":""}})"}, "f()"),
  };
}

// What a strict reader puts together of a stream: text is added to text, whatever it is of.
class StrictReader {
 public:
  explicit StrictReader(bool whole) : whole_(whole) {}

  void Read(const std::string& json) {
    SCOPED_TRACE(json);
    const auto document = json::Document::Parse(json);
    ASSERT_TRUE(document.ok());
    const json::Value root = document->root();
    ids_.insert(std::string(StringAt(root, "id")));
    EXPECT_TRUE(root.Find("id").is_string());
    EXPECT_EQ(StringAt(root, "object"), whole_ ? "chat.completion" : "chat.completion.chunk");
    const std::string_view created = root.Find("created").raw();
    EXPECT_FALSE(created.empty());
    EXPECT_EQ(created.find_first_not_of("0123456789"), created.npos);
    EXPECT_TRUE(root.Find("model").is_string());
    EXPECT_TRUE(root.Find("error").is_null());
    for (const json::Value choice : root.Find("choices").children()) Choice(choice);
  }

  void ExpectOneId() const { EXPECT_EQ(ids_.size(), 1u); }
  const std::string& content() const { return content_; }
  std::string calls() const {
    std::string all;
    for (const auto& [index, call] : calls_) {
      all += (all.empty() ? "" : " ") + call.name + "(" + call.arguments + ")";
    }
    return all;
  }

 private:
  struct Called {
    std::string id;
    std::string name;
    std::string arguments;
  };

  void Choice(const json::Value& choice) {
    EXPECT_EQ(choice.Find("index").raw(), "0");
    const json::Value finish = choice.Find("finish_reason");
    EXPECT_TRUE(finish.present());
    EXPECT_TRUE(finish.is_null() ? !whole_ : finish.AsString() == "stop") << finish.raw();
    const json::Value message = choice.Find(whole_ ? "message" : "delta");
    ASSERT_TRUE(message.is_object());
    const json::Value role = message.Find("role");
    EXPECT_TRUE(role.present() ? role.AsString() == "assistant" : !whole_);
    if (whole_) {
      EXPECT_TRUE(message.Find("content").present());
    }
    content_.append(StringAt(message, "content"));
    std::int64_t place = 0;
    for (const json::Value call : message.Find("tool_calls").children()) Call(call, place++);
  }

  void Call(const json::Value& call, std::int64_t place) {
    if (!whole_) {
      ASSERT_TRUE(call.Find("index").AsInt().has_value());
      place = *call.Find("index").AsInt();
    }
    const bool begins = !calls_.contains(place);
    const bool custom = call.Find("custom").is_object();
    const json::Value tool = call.Find(custom ? "custom" : "function");
    Called& known = calls_[place];
    known.id += StringAt(call, "id");
    known.name += StringAt(tool, "name");
    known.arguments += StringAt(tool, custom ? "input" : "arguments");
    if (!begins) {
      EXPECT_EQ(StringAt(call, "id"), "");
      return;
    }
    EXPECT_FALSE(known.id.empty());
    EXPECT_TRUE(ids_of_calls_.insert(known.id).second) << known.id;
    EXPECT_FALSE(known.name.empty());
    EXPECT_EQ(StringAt(call, "type"), custom ? "custom" : "function");
  }

  const bool whole_;
  std::set<std::string> ids_;
  std::set<std::string> ids_of_calls_;
  std::string content_;
  std::map<std::int64_t, Called> calls_;
};

class StrictReplies : public ProtocolFixture {
 protected:
  void Check(const Streamed& row) {
    SCOPED_TRACE(row.name);
    std::vector<std::string> events = row.events;
    events.push_back(kEnd);
    const std::string bytes = StreamOf(Events(events));
    ChunkKeeper keeper;
    const auto streamed = Stream(Protocol::kOpenAi, bytes, &keeper);
    ASSERT_TRUE(streamed.ok()) << streamed.error().message;
    StrictReader reader(false);
    for (const std::string& chunk : keeper.chunks) reader.Read(chunk);
    reader.ExpectOneId();
    EXPECT_EQ(reader.content(), row.content);
    EXPECT_EQ(reader.calls(), row.calls);
    const auto whole = Chat(Protocol::kOpenAi, bytes);
    ASSERT_TRUE(whole.ok()) << whole.error().message;
    StrictReader again(true);
    again.Read(whole->json);
    EXPECT_EQ(again.content(), row.content);
    EXPECT_EQ(again.calls(), row.calls);
  }
};

TEST_F(StrictReplies, ChunksThatLeaveOut) {
  for (const Streamed& row : FramesLeftOut()) Check(row);
}

TEST_F(StrictReplies, CallsInOtherShapes) {
  for (const Streamed& row : CallsInOtherShapes()) Check(row);
}

// A choice that counts up is another one where several were asked for.
TEST_F(StrictReplies, SeveralChoicesStaySeveral) {
  const auto chunk = [](int index, std::string_view text) {
    return ChunkWith(kFrame, R"({"index":)" + std::to_string(index) + R"(,"delta":{"content":")" +
                                 std::string(text) + R"("},"finish_reason":"stop"})");
  };
  ChunkKeeper keeper;
  const std::string bytes = StreamOf(Events({chunk(0, "a"), chunk(1, "b")}));
  ASSERT_TRUE(Stream(Protocol::kOpenAi, bytes, &keeper, R"(,"n":2)").ok());
  EXPECT_EQ(keeper.chunks, (std::vector<std::string>{chunk(0, "a"), chunk(1, "b")}));
}

struct WholeRow {
  const char* name;
  std::string reply;
  std::string content = "Hi";
  std::string calls = "";
};

std::string WholeWith(std::string_view frame, std::string_view choice) {
  return "{" + std::string(frame) + R"("choices":[)" + std::string(choice) + "]}";
}

std::vector<WholeRow> WholeRows() {
  const char* fine =
      R"({"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"})";
  const char* frame = R"("id":"c","object":"chat.completion","created":1,"model":"m",)";
  const auto choice = [frame](std::string_view json) { return WholeWith(frame, json); };
  const auto call = [choice](std::string_view calls) {
    return choice(R"({"index":0,"message":{"role":"assistant","content":null,"tool_calls":)" +
                  std::string(calls) + R"(},"finish_reason":"stop"})");
  };
  return {
      {"nothing", WholeWith(frame, fine)},
      {"no frame", WholeWith("", fine)},
      {"a frame of null",
       WholeWith(R"("id":null,"object":null,"created":null,"model":null,)", fine)},
      {"the frame of a chunk",
       WholeWith(R"("id":"c","object":"chat.completion.chunk","created":1.5,"model":"m",)", fine)},
      {"an error of nothing", WholeWith(std::string(frame) + R"("error":{},)", fine)},
      {"an error of no words", WholeWith(std::string(frame) + R"("error":"",)", fine)},
      {"an empty error in the choice",
       choice(
           R"({"index":0,"error":{},"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"})")},
      {"no index",
       choice(R"({"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"})")},
      {"an index in words",
       choice(
           R"({"index":"0","message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"})")},
      {"no reason of the end",
       choice(R"({"index":0,"message":{"role":"assistant","content":"Hi"}})")},
      {"a reason of null",
       choice(R"({"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":null})")},
      {"a reason with a prefix",
       choice(
           R"({"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"FINISH_REASON_STOP"})")},
      {"no role", choice(R"({"index":0,"message":{"content":"Hi"},"finish_reason":"stop"})")},
      {"a role of another make",
       choice(R"({"index":0,"message":{"role":"model","content":"Hi"},"finish_reason":"stop"})")},
      {"content in strings",
       choice(
           R"({"index":0,"message":{"role":"assistant","content":["H","i"]},"finish_reason":"stop"})")},
      {"content that is a part",
       choice(
           R"({"index":0,"message":{"role":"assistant","content":{"type":"text","text":"Hi"}},"finish_reason":"stop"})")},
      {"text beside the message",
       choice(
           R"({"index":0,"text":"Hi","message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"})")},
      {"no content",
       choice(
           R"({"index":0,"message":{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"})"),
       "", "f({})"},
      {"arguments in an array",
       call(R"([{"id":"a","type":"function","function":{"name":"f","arguments":[1]}}])"), "",
       "f([1])"},
      {"one id for two",
       call(
           R"([{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}])"),
       "", "f({}) f({})"},
      {"an id that is a number",
       call(R"([{"id":5,"type":"function","function":{"name":"f","arguments":"{}"}}])"), "",
       "f({})"},
      {"name and arguments beside the id",
       call(R"([{"id":"a","type":"function","name":"f","arguments":{"x":1}}])"), "",
       "f({\"x\":1})"},
  };
}

TEST_F(StrictReplies, WholeOnesThatLeaveOut) {
  for (const WholeRow& row : WholeRows()) {
    SCOPED_TRACE(row.name);
    const auto whole = Chat(Protocol::kOpenAi, OkReply(row.reply));
    ASSERT_TRUE(whole.ok()) << whole.error().message;
    StrictReader reader(true);
    reader.Read(whole->json);
    EXPECT_EQ(reader.content(), row.content);
    EXPECT_EQ(reader.calls(), row.calls);
    ChunkKeeper keeper;
    const auto streamed = Stream(Protocol::kOpenAi, OkReply(row.reply), &keeper);
    ASSERT_TRUE(streamed.ok()) << streamed.error().message;
    StrictReader chunks(false);
    for (const std::string& chunk : keeper.chunks) chunks.Read(chunk);
    EXPECT_EQ(chunks.content(), row.content);
    EXPECT_EQ(chunks.calls(), row.calls);
  }
}

struct CountedRow {
  const char* usage;
  std::int64_t prompt;
  std::int64_t completion;
  std::int64_t cached = 0;
  std::int64_t reasoning = 0;
};

constexpr CountedRow kCounted[] = {
    {R"({"prompt_tokens":9,"completion_tokens":4,"total_tokens":13})", 9, 4},
    {R"({"input_tokens":9,"output_tokens":4,"total_tokens":13})", 9, 4},
    {R"({"prompt_tokens":0,"completion_tokens":0,"input_tokens":9,"output_tokens":4})", 9, 4},
    {R"({"prompt_tokens":9.0,"completion_tokens":4.0,"total_tokens":13.0})", 9, 4},
    {R"({"prompt_tokens":"9","completion_tokens":"4","total_tokens":"13"})", 9, 4},
    {R"({"prompt_tokens":9,"completion_tokens":4})", 9, 4},
    {R"({"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":null})",
     9, 4},
    {R"({"input_tokens":9,"output_tokens":4,"input_tokens_details":{"cached_tokens":5},"output_tokens_details":{"reasoning_tokens":3}})",
     9, 4, 5, 3},
};

// A usage by other names, or in other types, is the expert's own all the same, and reaches the
// client by OpenAI's. One that counts nothing is none.
TEST_F(StrictReplies, UsageByOtherNames) {
  const std::string begin = ChunkWith(kFrame, kText);
  const std::string head = "{" + std::string(kFrame) + R"(,"choices":[],"usage":)";
  for (const CountedRow& row : kCounted) {
    SCOPED_TRACE(row.usage);
    const std::string bytes = StreamOf(Events({begin, kEnd, head + row.usage + "}"}));
    ChunkKeeper keeper;
    const auto streamed =
        Stream(Protocol::kOpenAi, bytes, &keeper, R"(,"stream_options":{"include_usage":true})");
    const auto whole = Chat(Protocol::kOpenAi, bytes);
    ASSERT_TRUE(streamed.ok() && whole.ok());
    for (const Usage& usage : {streamed->usage, whole->usage}) {
      EXPECT_EQ(usage.prompt_tokens, row.prompt);
      EXPECT_EQ(usage.completion_tokens, row.completion);
      EXPECT_EQ(usage.cached_tokens, row.cached);
      EXPECT_EQ(usage.reasoning_tokens, row.reasoning);
      EXPECT_FALSE(usage.estimated);
    }
    const auto last = json::Document::Parse(keeper.chunks.back());
    ASSERT_TRUE(last.ok());
    const json::Value given = last->root().Find("usage");
    EXPECT_EQ(given.Find("total_tokens").raw(), std::to_string(row.prompt + row.completion));
    EXPECT_EQ(given.Find("prompt_tokens").raw(), std::to_string(row.prompt));
    EXPECT_EQ(given.Find("completion_tokens").raw(), std::to_string(row.completion));
  }
  const std::string none = R"({"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})";
  const auto whole = Chat(Protocol::kOpenAi, StreamOf(Events({begin, kEnd, head + none})));
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  EXPECT_TRUE(whole->usage.estimated);
  EXPECT_GT(whole->usage.prompt_tokens, 0);
  EXPECT_GT(whole->usage.completion_tokens, 0);
}

}  // namespace
}  // namespace moerge::test
