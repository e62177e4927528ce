// The answers, errors and model lists of servers as they write them (tests/data/servers, a file
// each): content, reasoning, calls with arguments, the reason of the end, usage and what an error
// is arrive, and whole and streamed are one.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapters/error_detail.h"
#include "adapters/model_list.h"
#include "adapters/upstream.h"
#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

std::string FileText(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string StringOf(const json::Value& object, std::string_view key) {
  return std::string(object.Find(key).AsString().value_or(""));
}

struct RecordedCall {
  std::string name;
  std::string arguments;
  bool operator==(const RecordedCall&) const = default;
};

ErrorCode CodeNamed(std::string_view name) {
  const std::pair<std::string_view, ErrorCode> codes[] = {
      {"invalid", ErrorCode::kInvalid},         {"unauthorized", ErrorCode::kUnauthorized},
      {"forbidden", ErrorCode::kForbidden},     {"not_found", ErrorCode::kNotFound},
      {"too_large", ErrorCode::kTooLarge},      {"rate_limited", ErrorCode::kRateLimited},
      {"unavailable", ErrorCode::kUnavailable}, {"upstream", ErrorCode::kUpstream},
  };
  for (const auto& [known, code] : codes) {
    if (known == name) return code;
  }
  ADD_FAILURE() << "no such code: " << name;
  return ErrorCode::kInternal;
}

class ServerShapes : public ProtocolFixture {
 protected:
  // Calls `check` with what is recorded of every server.
  template <class Check>
  int ForEachServer(Check check) {
    int count = 0;
    const std::string folder = std::string(MOERGE_SOURCE_DIR) + "/tests/data/servers";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string text = FileText(entry.path());
      const auto file = json::Document::Parse(text);
      EXPECT_TRUE(file.ok()) << entry.path() << ": " << file.error().message;
      if (!file.ok()) continue;
      SCOPED_TRACE(StringOf(file->root(), "server"));
      check(file->root());
      ++count;
    }
    return count;
  }

  // Calls `check` with the protocol and every element of `list` of every server.
  template <class Check>
  int ForEach(std::string_view list, Check check) {
    int count = 0;
    ForEachServer([&](const json::Value& server) {
      const bool lines = StringOf(server, "protocol") == "ollama";
      for (const json::Value one : server.Find(list).children()) {
        SCOPED_TRACE(StringOf(one, "name") + std::string(one.Find("body").raw()));
        check(lines ? Protocol::kOllama : Protocol::kOpenAi, one);
        ++count;
      }
    });
    return count;
  }

  static std::string StreamBytes(Protocol protocol, const json::Value& recorded) {
    if (const auto raw = recorded.Find("raw").AsString()) {
      return StreamOf(std::string(*raw), "Content-Type: text/event-stream\r\n");
    }
    std::vector<std::string> data;
    for (const json::Value event : recorded.Find("stream").children()) {
      data.emplace_back(event.raw());
    }
    if (protocol == Protocol::kOllama) {
      return StreamOf(Lines(data), "Content-Type: application/x-ndjson\r\n");
    }
    return StreamOf(Events(data), "Content-Type: text/event-stream\r\n");
  }

  static std::vector<RecordedCall> Wanted(const json::Value& calls) {
    std::vector<RecordedCall> wanted;
    for (const json::Value call : calls.children()) {
      std::vector<std::string> parts;
      for (const json::Value part : call.children()) parts.emplace_back(*part.AsString());
      wanted.push_back({parts.at(0), parts.at(1)});
    }
    return wanted;
  }

  // Every call has what OpenAI's SDKs insist on, and an id of its own.
  static std::vector<RecordedCall> Given(const json::Value& calls) {
    std::vector<RecordedCall> given;
    std::vector<std::string> ids;
    for (const json::Value call : calls.children()) {
      const json::Value function = call.Find("function");
      std::string arguments = StringOf(function, "arguments");
      std::erase(arguments, ' ');
      given.push_back({StringOf(function, "name"), std::move(arguments)});
      EXPECT_EQ(StringOf(call, "type"), "function");
      const std::string id = StringOf(call, "id");
      EXPECT_FALSE(id.empty()) << call.raw();
      EXPECT_EQ(std::ranges::count(ids, id), 0) << id;
      ids.push_back(id);
    }
    return given;
  }

  static void ExpectUsage(const json::Value& want, const Usage& usage) {
    std::vector<std::int64_t> numbers;
    for (const json::Value number : want.children()) numbers.push_back(*number.AsInt());
    const std::vector<std::int64_t> given = {usage.prompt_tokens, usage.completion_tokens,
                                             usage.cached_tokens, usage.reasoning_tokens};
    EXPECT_EQ(given, numbers);
    EXPECT_FALSE(usage.estimated);
  }

  static void ExpectAnswer(const json::Value& want, const std::string& json) {
    const auto reply = json::Document::Parse(json);
    ASSERT_TRUE(reply.ok()) << json;
    SCOPED_TRACE(json);
    const json::Value choices = reply->root().Find("choices");
    ASSERT_EQ(choices.size(), 1u);
    const json::Value choice = *choices.children().begin();
    const json::Value message = choice.Find("message");
    EXPECT_EQ(StringOf(message, "content"), StringOf(want, "content"));
    const bool other = message.Find("reasoning_content").AsString().value_or("").empty();
    EXPECT_EQ(StringOf(message, other ? "reasoning" : "reasoning_content"),
              StringOf(want, "reasoning"));
    EXPECT_EQ(Given(message.Find("tool_calls")), Wanted(want.Find("calls")));
    EXPECT_EQ(StringOf(choice, "finish_reason"), StringOf(want, "finish"));
    if (const json::Value others = want.Find("message")) {
      for (const json::Value member : others.children()) {
        ExpectSame(message.Find(member.key()), member);
      }
    }
    if (const auto signature = want.Find("signature").AsString()) {
      const json::Value first = *message.Find("tool_calls").children().begin();
      EXPECT_EQ(StringOf(first.Find("extra_content").Find("google"), "thought_signature"),
                *signature);
    }
  }

  // The same value, however it is spaced.
  static void ExpectSame(const json::Value& one, const json::Value& other) {
    EXPECT_EQ(Compact(one), Compact(other));
  }
  static std::string Compact(const json::Value& value) {
    std::string out(value.raw());
    std::erase(out, ' ');
    return out;
  }
};

TEST_F(ServerShapes, AnswersArriveWholeAndStreamed) {
  const int seen = ForEach("answers", [this](Protocol protocol, const json::Value& recorded) {
    const json::Value want = recorded.Find("want");
    const std::string json = OkReply(std::string(recorded.Find("whole").raw()));
    const std::string stream = StreamBytes(protocol, recorded);
    for (const std::string* bytes : {&json, &stream}) {
      SCOPED_TRACE(bytes == &json ? "answers whole" : "answers with a stream");
      const auto whole = Chat(protocol, *bytes);
      ASSERT_TRUE(whole.ok()) << whole.error().message;
      ExpectAnswer(want, whole->json);
      ExpectUsage(want.Find("usage"), whole->usage);
      EXPECT_EQ(whole->finish_reason, StringOf(want, "finish"));
      ChunkKeeper keeper;
      const auto streamed = Stream(protocol, *bytes, &keeper);
      ASSERT_TRUE(streamed.ok()) << streamed.error().message;
      ExpectAnswer(want, keeper.Assembled());
      ExpectUsage(want.Find("usage"), streamed->usage);
      EXPECT_EQ(streamed->finish_reason, StringOf(want, "finish"));
      EXPECT_EQ(streamed->content_bytes,
                static_cast<std::int64_t>(StringOf(want, "content").size()));
    }
  });
  EXPECT_GE(seen, 40);
}

TEST_F(ServerShapes, ErrorsArrive) {
  const int seen = ForEach("errors", [this](Protocol, const json::Value& recorded) {
    const int status = static_cast<int>(*recorded.Find("status").AsInt());
    const std::string_view body = recorded.Find("body").raw();
    const Error error = ErrorFromStatus(backend_, status, "", body);
    EXPECT_EQ(error.code, CodeNamed(StringOf(recorded, "code"))) << error.message;
    EXPECT_NE(error.message.find(StringOf(recorded, "says")), std::string::npos) << error.message;
    if (recorded.Find("reason")) {
      EXPECT_EQ(error.reason, StringOf(recorded, "reason"));
    }
    if (const auto context = recorded.Find("context").AsInt()) {
      EXPECT_EQ(ContextIn(body), *context);
    }
  });
  EXPECT_GE(seen, 40);
}

TEST_F(ServerShapes, AnAnswerThatBreaksOffIsNone) {
  const int seen = ForEach("broken", [this](Protocol protocol, const json::Value& recorded) {
    const ErrorCode code = CodeNamed(StringOf(recorded, "code"));
    std::vector<std::string> replies = {StreamBytes(protocol, recorded)};
    if (const json::Value whole = recorded.Find("whole")) {
      replies.push_back(OkReply(std::string(whole.raw())));
    }
    for (const std::string& bytes : replies) {
      const auto whole = Chat(protocol, bytes);
      ASSERT_FALSE(whole.ok()) << whole->json;
      EXPECT_EQ(whole.error().code, code) << whole.error().message;
      ChunkKeeper keeper;
      const auto streamed = Stream(protocol, bytes, &keeper);
      ASSERT_FALSE(streamed.ok());
      EXPECT_EQ(streamed.error().code, code) << streamed.error().message;
    }
  });
  EXPECT_GE(seen, 14);
}

TEST_F(ServerShapes, ListsOfModelsAreRead) {
  const int seen = ForEachServer([](const json::Value& server) {
    std::vector<std::string> names;
    for (const json::Value name : server.Find("names").children()) {
      names.emplace_back(*name.AsString());
    }
    EXPECT_FALSE(names.empty());
    EXPECT_EQ(ModelNames(server.Find("models").raw(), 64), names);
    EXPECT_TRUE(ModelNames(server.Find("models").raw(), 0).empty());
  });
  EXPECT_GE(seen, 14);
  EXPECT_TRUE(ModelNames(R"({"data":[{"id":"auto","moerge":{}}]})", 64).empty());
  for (const char* none : {"", "[]", "{}", "\"x\"", "{\"data\":{}}", "[1,null]"}) {
    EXPECT_TRUE(ModelNames(none, 64).empty()) << none;
  }
}

}  // namespace
}  // namespace moerge::test
